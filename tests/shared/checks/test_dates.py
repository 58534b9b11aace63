import pytest

from shared.checks.dates import date_not_in_source
from shared.checks.numbers import number_not_in_source
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(
    SourceIndex(
        "Admitted on 03/05/2021. Seen again April 7th, 2021. Surgery 11/12. "
        "Patient: It began june third, in two thousand twenty."
    )
)


def found(text: str) -> list[str]:
    sentence = Sentence(text, find_evidence(text, SOURCE.index))
    return [finding.text for finding in date_not_in_source(sentence, SOURCE)]


@pytest.mark.parametrize(
    "said",
    [
        "Admitted March 5, 2021.",
        "Admitted 2021-03-05, on March 5.",
        "Seen on 04/07/2021, 7 April.",
        "Surgery on November 12.",
        "It began on June 3, 2020, in 06/2020.",
    ],
)
def test_a_date_passes_in_whatever_way_it_is_written(said: str) -> None:
    assert found(said) == []


@pytest.mark.parametrize(
    "wrong", ["March 6, 2021", "03/05/2020", "2021-05-04", "05/2020", "June 4, 2020"]
)
def test_another_date_is_found_once_and_as_a_date(wrong: str) -> None:
    said = f"It was on {wrong}."
    assert found(said) == [wrong]
    sentence = Sentence(said, find_evidence(said, SOURCE.index))
    assert number_not_in_source(sentence, SOURCE) == []
