import pytest

from shared.text.answers import Answer, utterances
from shared.text.sentences import sentence_spans


def read(text: str) -> list[tuple[str, Answer]]:
    """What is asked in each sentence that asks, with its answer."""
    return [
        (text[said.asks_at : said.span.end], said.answer)
        for said in utterances(text, sentence_spans(text))
        if said.answer is not Answer.SAID
    ]


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("No.", Answer.NO),
        ("Uh, nope.", Answer.NO),
        ("Yes, at night.", Answer.YES),
        ("I have not.", Answer.NO),
        ("I would n't say that.", Answer.NO),
        ("Thankfully, no.", Answer.NO),
        ("That is correct.", Answer.YES),
        ("My knee hurts.", Answer.UNKNOWN),
    ],
)
def test_a_question_is_answered_by_what_follows(reply: str, answer: Answer) -> None:
    text = f"Doctor: Any fever?\nPatient: {reply}\nDoctor: Fine."
    assert [kind for _, kind in read(text)] == [answer]


def test_questions_share_their_answer_and_open_ones_have_none() -> None:
    text = "Doctor: Any fever? Any cough?\nPatient: No.\nDoctor: What hurts?\nPatient: No idea."
    assert [kind for _, kind in read(text)] == [Answer.NO, Answer.NO, Answer.UNKNOWN]


def test_a_turn_without_marks_may_end_in_a_question() -> None:
    text = "[doctor] your knee is swollen do you have any numbness\n[patient] no\n[doctor] fine"
    assert read(text) == [("do you have any numbness", Answer.NO)]


def test_a_note_asks_nothing() -> None:
    assert read("Does not smoke. Has a cough. No fever.") == []


def test_an_answer_may_follow_what_the_asker_goes_on_to_say() -> None:
    text = "Doctor: Any fever? There is flu about.\nPatient: Um.\nDoctor: Fine.\n"
    assert [kind for _, kind in read(text)] == [Answer.UNKNOWN]
    text = "Doctor: Any fever? There is flu about.\nPatient: No.\nDoctor: Fine."
    assert [kind for _, kind in read(text)] == [Answer.NO]


def test_okay_at_the_end_asks_nothing() -> None:
    assert read("Doctor: You have some swelling, okay?\nPatient: No.") == []
