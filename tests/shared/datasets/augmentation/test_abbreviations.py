from random import Random

import pytest

from shared.datasets.augmentation.abbreviations import switch_abbreviations
from shared.datasets.augmentation.facts import Pair
from shared.datasets.records import Candidate


def results(source: str, target: str | None = None) -> set[Pair | None]:
    candidate = Candidate(1, source, target, "visit")
    return {switch_abbreviations(candidate, Random(seed)) for seed in range(20)}


def test_what_is_switched_in_the_source_is_switched_in_the_target() -> None:
    assert results("The patient has HTN. She denies SOB.", "Long known HTN.") >= {
        ("The patient has hypertension. She denies SOB.", "Long known hypertension."),
        ("The patient has HTN. She denies shortness of breath.", "Long known HTN."),
    }
    assert results("Known coronary artery disease.", "Coronary artery disease.") == {
        ("Known CAD.", "CAD."),
    }


def test_abbreviations_of_one_meaning_are_written_out_alike() -> None:
    assert results("The EKG was normal, the ECG of last year, too.") == {
        ("The electrocardiogram was normal, the electrocardiogram of last year, too.", None),
    }
    assert results("The electrocardiogram was normal.") == {
        ("The ECG was normal.", None),
        ("The EKG was normal.", None),
    }


def test_the_article_and_a_first_capital_follow() -> None:
    assert results("An MRI was done. She had an UTI.") >= {
        ("A magnetic resonance imaging was done. She had an UTI.", None),
        ("An MRI was done. She had a urinary tract infection.", None),
    }
    assert results("COPD is stable.") == {
        ("Chronic obstructive pulmonary disease is stable.", None),
    }


@pytest.mark.parametrize(
    "source",
    [
        "GI: Soft abdomen.\nGU: Normal.",  # headings
        "There was no CVA tenderness, and he wears hearing AIDS.",
        "Mild left ventricular hypertrophy.",  # `LVH` hides the side
        "Admitted with an NSTEMI.",  # written out it holds a `non`
        "History of hypertension (HTN).",
        "DISCUSSED WITH ICU",
        "Pulmonary GI/GU consult, HIV-1 assay.",
        "BP: 120/80",
        "## ICU COURSE\nStable there.",
        "He has high blood pressure.",
    ],
)
def test_what_may_mean_something_else_stays(source: str) -> None:
    assert results(source) == {None}
