import pytest

from shared.checks.numbers import number_not_in_source, unit_mismatch
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

NOTE = Source(
    SourceIndex(
        "A 54-year-old with two visits. BP 120/80, heart rate 66. He was given 1,000 mL of saline. "
        "She takes metoprolol 25 mg and lisinopril 10 mg daily. Levothyroxine 50 mcg each day. "
        "He owns three dogs and four cats. The cough has lasted 3 weeks. Metformin 1 g at night. "
        "Pain for one month."
    )
)
SPOKEN = Source(
    SourceIndex(
        "Doctor: How old are you?\nPatient: I am twenty six.\n"
        "Doctor: Your pressure was one forty over eighty, and you take point five milligrams.\n"
        "Patient: Yes, twice a day, for fourteen days, and half a tablet before."
    )
)


def sentence(text: str, source: Source = NOTE) -> Sentence:
    return Sentence(text, find_evidence(text, source.index))


def test_a_number_that_the_source_lacks_is_found_where_it_stands() -> None:
    said = "2. Lisinopril 40 mg and 1000 mL; BP 120/80."
    [finding] = number_not_in_source(sentence(said), NOTE)
    assert (finding.check, finding.text) == ("number_not_in_source", "40")
    assert said[finding.start : finding.end] == "40"
    assert finding.moved(100).start == finding.start + 100


@pytest.mark.parametrize(
    "said",
    [
        "She came 2 times at 54.",
        "One of the first visits.",
        "1. Lisinopril 10.0 mg daily",
        "Metformin 1000 mg at night.",
        "A cough for 21 days.",
        "Four cats and three dogs.",
    ],
)
def test_what_the_source_says_in_whatever_way_passes(said: str) -> None:
    assert number_not_in_source(sentence(said), NOTE) == []
    assert unit_mismatch(sentence(said), NOTE) == []


@pytest.mark.parametrize(
    "said",
    [
        "A 26-year-old with BP 140/80.",
        "Takes 0.5 mg 2 times a day.",
        "Took it for 2 weeks, 0.5 tablet before.",
    ],
)
def test_what_was_spoken_equals_what_is_written(said: str) -> None:
    assert number_not_in_source(sentence(said, SPOKEN), SPOKEN) == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Lisinopril 25 mg daily.", "25"),
        ("Metoprolol 10 mg daily.", "10"),
        ("He owns four dogs.", "four"),
        ("Heart rate 54.", "54"),
    ],
)
def test_a_number_of_something_else_is_found(said: str, wrong: str) -> None:
    assert [finding.text for finding in number_not_in_source(sentence(said), NOTE)] == [wrong]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Levothyroxine 50 mg each day.", "50"),
        ("The cough has lasted 3 months.", "3"),
        ("Pain for one year.", "one"),
    ],
)
def test_the_same_number_of_another_unit_is_found(said: str, wrong: str) -> None:
    [finding] = unit_mismatch(sentence(said), NOTE)
    assert (finding.check, finding.text) == ("unit_mismatch", wrong)


@pytest.mark.parametrize("said", ["Lisinopril 10 daily.", "Levothyroxine 50 micrograms."])
def test_a_unit_left_out_or_spelled_out_passes(said: str) -> None:
    assert unit_mismatch(sentence(said), NOTE) == []
