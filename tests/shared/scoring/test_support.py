import pytest

from shared.scoring.support import support, weaker_half

SOURCE = "Seen for a cough. Amoxicillin 500 mg was given. Return in two weeks."


def test_invention_costs_what_a_longer_summary_does_not_hide() -> None:
    plain = "Cough. Amoxicillin 500 mg. Return in 2 weeks."
    invented = plain + " The echocardiogram showed stenosis."
    assert support(SOURCE, plain) == pytest.approx(1)
    assert support(SOURCE, invented) < 0.6


def test_headings_and_empty_summaries() -> None:
    assert support(SOURCE, "# Assessment\nCough.") == support(SOURCE, "Cough.")
    assert support(SOURCE, "...") == 0
    assert support(SOURCE, "# Cough") > 0


def test_the_middle_one_belongs_to_the_weaker_half() -> None:
    assert weaker_half([0.9, 0.1, 0.5]) == pytest.approx(0.3)
    assert weaker_half([]) == 0
