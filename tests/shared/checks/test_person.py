import pytest

from shared.checks.person import age_mismatch, sex_mismatch
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(
    SourceIndex(
        "This 45-year-old woman has chest pain. She smokes. She weighs 54 kg. "
        "Her father was 70 years old when he died."
    )
)


def sentence(text: str, source: Source = SOURCE) -> Sentence:
    return Sentence(text, find_evidence(text, source.index))


@pytest.mark.parametrize(
    ("text", "objected"),
    [
        ("He smokes and his chest hurts.", ["He", "his"]),
        ("A man with chest pain.", ["man"]),
        ("She has chest pain.", []),
        ("Her father died, and he was old.", []),
        ("The doctor says he will call.", []),
    ],
)
def test_another_sex_is_found_unless_it_may_be_anothers(text: str, objected: list[str]) -> None:
    assert [finding.text for finding in sex_mismatch(sentence(text), SOURCE)] == objected


@pytest.mark.parametrize(
    ("text", "objected"),
    [
        ("A 54-year-old with chest pain.", ["54-year-old"]),
        ("A 70-year-old with chest pain.", ["70-year-old"]),
        ("A 45-month-old with chest pain.", ["45-month-old"]),
        ("A forty-five year old woman.", []),
        ("Her father died when 70 years old.", []),
    ],
)
def test_another_age_is_found_even_where_the_number_stands(text: str, objected: list[str]) -> None:
    assert [finding.text for finding in age_mismatch(sentence(text), SOURCE)] == objected


def test_without_a_stated_sex_and_age_nothing_is_said() -> None:
    source = Source(SourceIndex("Chest pain. Doctor: How old are you?\nPatient: Fifty."))
    said = sentence("He is a 50-year-old man.", source)
    assert sex_mismatch(said, source) + age_mismatch(said, source) == []
