from random import Random

import pytest

from shared.datasets.augmentation.facts import Pair
from shared.datasets.augmentation.section_order import reorder_sections
from shared.datasets.records import Candidate

NOTE = """Seen in the clinic.

HISTORY OF PRESENT ILLNESS: Cough for two days.
PHYSICAL EXAM:
HEENT: Clear.
LUNGS: Wheezes on the left.
FAMILY HISTORY:
MOTHER'S SIDE: Asthma.
ASSESSMENT: Bronchitis.

ADDENDUM: Culture is pending."""


def results(source: str) -> set[Pair | None]:
    candidate = Candidate(1, source, "Bronchitis.", "visit")
    return {reorder_sections(candidate, Random(seed)) for seed in range(200)}


def test_sections_move_whole_and_nothing_else_moves() -> None:
    sources = {new[0] for new in results(NOTE) if new}
    assert len(sources) == 23
    for source in sources:
        assert sorted(source.splitlines()) == sorted(NOTE.splitlines())
        assert source.startswith("Seen in the clinic.\n\n")
        assert source.endswith("\n\nADDENDUM: Culture is pending.")
        assert "PHYSICAL EXAM:\nHEENT: Clear.\nLUNGS: Wheezes on the left." in source
        assert "FAMILY HISTORY:\nMOTHER'S SIDE: Asthma." in source


def test_the_target_stays() -> None:
    assert {new[1] for new in results(NOTE) if new} == {"Bronchitis."}


def test_sections_of_joined_lines_keep_their_headings() -> None:
    changed = results("HISTORY: , Cough.,ASSESSMENT:, Bronchitis.,PLAN: , Rest.") - {None}
    assert ("PLAN: , Rest.,HISTORY: , Cough.,ASSESSMENT:, Bronchitis.", "Bronchitis.") in changed


def test_dates_keep_their_order() -> None:
    note = "HISTORY: Fell on 3/5/2021.\nALLERGIES: None.\nPLAN: Visit on 4/5/2021."
    sources = {new[0] for new in results(note) if new}
    assert "ALLERGIES: None.\nHISTORY: Fell on 3/5/2021.\nPLAN: Visit on 4/5/2021." in sources
    assert all(source.index("3/5/2021") < source.index("4/5/2021") for source in sources)


def test_a_heading_without_words_stays_before_what_it_heads() -> None:
    sources = {new[0] for new in results("PLAN: Rest.\nHISTORY:\nALLERGIES: None.") if new}
    assert sources == {"HISTORY:\nALLERGIES: None.\nPLAN: Rest."}


def test_sections_under_a_title_move_below_it() -> None:
    sources = {new[0] for new in results("# Visit\n## History\nCough.\n## Plan\nRest.") if new}
    assert sources == {"# Visit\n## Plan\nRest.\n## History\nCough."}


@pytest.mark.parametrize(
    "source",
    [
        "[doctor] hi\n[patient] hi\n" * 3 + "HISTORY: Cough.\nPLAN: Rest.",
        "HISTORY: Cough.\nASSESSMENT: As above.\nPLAN: Rest.",
        "HISTORY: Cough.\nPLAN: Rest.\nHISTORY: Asthma.",
        "ASSESSMENT: Bronchitis.",
        "Cough for two days. Rest.",
    ],
)
def test_what_hangs_together_stays(source: str) -> None:
    assert results(source) == {None}
