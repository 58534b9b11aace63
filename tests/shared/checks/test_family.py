import pytest

from shared.checks.family import family_mismatch
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(
    SourceIndex(
        "HISTORY:\nThe patient has asthma and gout. The wife reports that he snores.\n\n"
        "FAMILY HISTORY:\nBreast cancer. Diabetes in a sister, gout in the father.\n\n"
        "PLAN:\nWalking every day helps."
    )
)


@pytest.mark.parametrize(
    ("text", "objected"),
    [
        ("The patient has breast cancer.", ["breast cancer"]),
        ("She has a history of diabetes.", ["history of diabetes"]),
        ("His father has asthma.", ["father has asthma"]),
        ("The patient has gout.", []),
        ("There is a family history of breast cancer.", []),
        ("A sister has diabetes.", []),
        ("Diabetes and breast cancer.", []),
        ("The patient has no diabetes.", []),
        ("The patient snores.", []),
    ],
)
def test_whose_finding_it_is(text: str, objected: list[str]) -> None:
    findings = family_mismatch(Sentence(text, find_evidence(text, SOURCE.index)), SOURCE)
    assert [finding.text for finding in findings] == objected
