import pytest

from shared.text.context import read_context


def denied(text: str) -> list[str]:
    """The words of each denied item."""
    return [item.span.of(text) for item in read_context(text).items if item.denied]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("No fever, chills or cough.", ["fever", "chills", "cough"]),
        ("He denies any chest pain, nausea, and vomiting.", ["chest pain", "nausea", "vomiting"]),
        ("She doesn't smoke.", ["smoke"]),
        ("Cultures negative for growth.", ["growth"]),
        ("Abdomen is nontender and soft.", ["tender"]),
        ("He left without a cane.", ["cane"]),
        ("She is unable to walk.", ["walk"]),
        ("Allergies: None.", ["Allergies"]),
        ("A fracture was not seen.", ["fracture"]),
        ("The stress test was negative.", ["stress test"]),
        ("The swelling is no longer present.", ["swelling"]),
        ("No further episodes of dizziness.", ["episodes of dizziness"]),
    ],
)
def test_cues_deny_the_items_in_their_scope(text: str, items: list[str]) -> None:
    assert denied(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("No fever but a cough.", ["fever"]),
        ("No rash except on the hands.", ["rash"]),
        ("He denies pain although walking hurts.", ["pain"]),
        ("No wheezes; edema of both legs.", ["wheezes"]),
        ("She did not fall and was discharged.", ["fall"]),
        ("No chest pain, lungs are clear.", ["chest pain"]),
        ("Non smoker with asthma.", ["smoker"]),
    ],
)
def test_a_scope_ends_where_another_clause_begins(text: str, items: list[str]) -> None:
    assert denied(text) == items


@pytest.mark.parametrize(
    "text",
    [
        "Not only fever but rigors.",
        "Pneumonia cannot be ruled out.",
        "We cannot rule out a stroke.",
        "Headache is not uncommon.",
    ],
)
def test_what_only_looks_like_a_negation_denies_nothing(text: str) -> None:
    assert denied(text) == []


def test_a_word_may_be_affirmed_and_denied_in_one_sentence() -> None:
    reading = read_context("Pain at rest, but no pain on exertion.")
    assert "pain" in reading.affirmed
    assert reading.denied == {"pain", "exertion"}


def test_offsets_are_those_of_the_whole_text() -> None:
    text = "Well. No cough."
    [item] = read_context(text, 6, len(text)).items
    assert (item.span.of(text), item.cue and item.cue.of(text)) == ("cough", "No")


def test_talk_without_marks_goes_on_after_a_denial() -> None:
    assert read_context("no fever i'm taking tylenol").denied == {"fever"}
    assert "tingl" in read_context("i don't think i've had tingling").denied


def test_where_and_when_are_no_heads_of_an_item() -> None:
    [item] = read_context("no numbness in the left arm").items
    assert (item.terms, item.heads) == (("numbness", "left", "arm"), 1)
