import pytest

from shared.checks.problems import problem_not_in_source
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(
    SourceIndex(
        "History of high blood pressure, DM2 (diabetic since 2001), heart attack and COPD. "
        "Her gallbladder was taken out. Pulmonary fibrosis. Pancreas enlarged. SOB on stairs."
    )
)


def found(text: str) -> list[str]:
    sentence = Sentence(text, find_evidence(text, SOURCE.index))
    return [finding.text for finding in problem_not_in_source(sentence, SOURCE)]


@pytest.mark.parametrize(
    "said",
    [
        "Hypertension, diabetes mellitus and myocardial infarction.",
        "HTN; chronic obstructive pulmonary disease; dyspnea; shortness of breath.",
        "Status post cholecystectomy; fibrosis; pancreatitis.",
        "The diagnosis and prognosis were discussed.",
    ],
)
def test_a_problem_passes_under_any_related_name(said: str) -> None:
    assert found(said) == []


@pytest.mark.parametrize(
    "wrong", ["asthma", "Atrial fibrillation", "UTI", "cellulitis", "nephrectomy", "seizures"]
)
def test_a_problem_that_nothing_of_the_source_means_is_found(wrong: str) -> None:
    assert found(f"{wrong} is known.") == [wrong]
