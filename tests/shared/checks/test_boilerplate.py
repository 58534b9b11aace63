import pytest

from shared.checks.boilerplate import boilerplate
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SentenceEvidence, SourceIndex

SOURCE = Source(SourceIndex(""))


def is_boilerplate(text: str) -> bool:
    return bool(boilerplate(Sentence(text, SentenceEvidence(0.0, ())), SOURCE))


@pytest.mark.parametrize(
    "said",
    [
        "The patient was seen and examined.",
        "This is a summary of the note.",
        "Here is a concise summary of the clinical note:",
        "As an AI language model, I cannot give medical advice.",
        "Please see the full note for details.",
        "Thank you for referring this patient.",
        "Sure! Here is the summary:",
    ],
)
def test_what_says_nothing_of_the_patient_is_found(said: str) -> None:
    assert is_boilerplate(said)


@pytest.mark.parametrize(
    "said",
    [
        "The patient was seen and examined for chest pain.",
        "This is a 54-year-old man with asthma.",
        "She has a summary of her blood sugars with her.",
        "Please see the cardiologist in two weeks.",
        "Here for follow-up of asthma.",
    ],
)
def test_what_says_something_is_not(said: str) -> None:
    assert not is_boilerplate(said)


def test_hostile_text_is_read_in_time() -> None:
    assert not is_boilerplate("this is a " + "very " * 50_000)
