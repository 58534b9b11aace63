import pytest

from shared.checks.drugs import drug_not_in_source
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import SourceIndex, find_evidence

SOURCE = Source(
    SourceIndex(
        "Takes Lipitor 20 mg, HCTZ 25 mg, metropolol, ASA, Tylenol, hydroxyzine and Lantus. "
        "Patient: I finished the amoxacillin."
    )
)


def found(text: str, source: Source = SOURCE) -> list[str]:
    sentence = Sentence(text, find_evidence(text, source.index))
    return [finding.text for finding in drug_not_in_source(sentence, source)]


@pytest.mark.parametrize(
    "said",
    [
        "Atorvastatin and hydrochlorothiazide.",
        "Metoprolol succinate, aspirin and acetaminophen.",
        "On insulin glargine; amoxicillin finished.",
        "Hydroxyzine for itching, versed in the matter, cholesterol normal.",
    ],
)
def test_a_drug_passes_under_another_name_or_spelling(said: str) -> None:
    assert found(said) == []


@pytest.mark.parametrize(
    "wrong",
    ["simvastatin", "Zocor", "hydralazine", "warfarin", "Ozempic", "brodalumab", "zanubrutinib"],
)
def test_another_drug_is_found_be_it_ever_so_alike(wrong: str) -> None:
    assert found(f"Was given {wrong} 10 mg.") == [wrong]
