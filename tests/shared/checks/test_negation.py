import pytest

from shared.checks.negation import negation_mismatch
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

NOTE = Source(
    SourceIndex(
        "The patient has a cough at night. She denies any chest pain or fever. "
        "There is swelling of the ankle. No change in the pneumonia is seen. "
        "She does not take metformin. A fracture cannot be ruled out. "
        "She has had episodes of vertigo. No further episodes of syncope."
    )
)
DIALOGUE = Source(
    SourceIndex(
        "Doctor: Do you have any chest pain?\nPatient: No.\nDoctor: And do you drink alcohol?\n"
        "Patient: Yes, some wine.\nDoctor: Do you smoke?\nPatient: No, I don't smoke.\n"
        "Doctor: Any history of asthma?\nPatient: My knee hurts.\nDoctor: No numbness?\n"
        "Patient: Right."
    )
)


def found(text: str, source: Source) -> list[str]:
    sentence = Sentence(text, find_evidence(text, source.index))
    findings = negation_mismatch(sentence, source)
    assert all(text[finding.start : finding.end] == finding.text for finding in findings)
    return [finding.text for finding in findings]


@pytest.mark.parametrize(
    ("text", "objected"),
    [
        ("She has no cough.", ["no cough"]),
        ("She reports chest pain.", ["chest pain"]),
        ("She has a cough and chest pain.", ["chest pain"]),
        ("The ankle is not swelling.", ["not swelling"]),
        ("She takes metformin.", ["takes metformin"]),
        ("There is no fracture.", ["no fracture"]),
        ("There were further episodes of syncope.", ["episodes of syncope"]),
    ],
)
def test_a_polarity_that_the_note_turns_round_is_found(text: str, objected: list[str]) -> None:
    assert found(text, NOTE) == objected


@pytest.mark.parametrize(
    "text",
    [
        "Chest pain and fever are denied.",
        "No fever, no chest pain, but a cough.",
        "She is not taking metformin.",
        "Swelling of the ankle without fever.",
        "The pneumonia shows no change.",
        "There is no rash.",
        "Does she have chest pain?",
        "She has had episodes of vertigo.",
    ],
)
def test_the_same_in_other_words_passes(text: str) -> None:
    assert found(text, NOTE) == []


@pytest.mark.parametrize(
    ("text", "objected"),
    [
        ("The patient has chest pain.", ["chest pain"]),
        ("The patient denies chest pain.", []),
        ("He drinks alcohol.", []),
        ("He does not drink alcohol.", ["not drink alcohol"]),
        ("He smokes.", ["smokes"]),
        ("He does not smoke.", []),
        ("He has no asthma.", []),
        ("He has numbness.", ["numbness"]),
    ],
)
def test_an_answer_decides_what_its_question_says(text: str, objected: list[str]) -> None:
    assert found(text, DIALOGUE) == objected


def test_a_sentence_of_the_source_is_never_objected_to() -> None:
    source = Source(SourceIndex("No pain at night. Pain at night after the fall, no pain by day."))
    for span in source.index.sentences:
        assert found(span.of(source.text), source) == []
