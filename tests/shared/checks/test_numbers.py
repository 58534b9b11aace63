import pytest

from shared.checks.numbers import number_not_in_source
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(SourceIndex("A 54-year-old, BP 120/80, lisinopril 10 mg, 1,000 mL, two visits."))


def sentence(text: str) -> Sentence:
    return Sentence(text, find_evidence(text, SOURCE.index))


def test_a_number_that_the_source_lacks_is_found_where_it_stands() -> None:
    said = "2. Lisinopril 40 mg and 1000 mL; BP 120/80."
    [finding] = number_not_in_source(sentence(said), SOURCE)
    assert (finding.check, finding.text) == ("number_not_in_source", "40")
    assert said[finding.start : finding.end] == "40"
    assert finding.moved(100).start == finding.start + 100


@pytest.mark.parametrize(
    "said", ["She came 2 times at 54.", "One of the first visits.", "1. Lisinopril 10.0 mg"]
)
def test_numbers_of_the_source_and_figures_of_speech_pass(said: str) -> None:
    assert number_not_in_source(sentence(said), SOURCE) == []
