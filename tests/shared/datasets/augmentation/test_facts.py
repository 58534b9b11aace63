import pytest

from shared.datasets.augmentation.facts import fewer_in_source, same_but_shifted, same_facts

SOURCE = "She takes lisinopril 10 mg since 03/05/2021. No pain in the left knee. Her mother died."


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("10 mg", "20 mg"),
        ("10 mg", "10 ml"),
        ("lisinopril", "losartan"),
        ("left", "right"),
        ("No pain", "Pain"),
        ("Her mother", "Her sister"),
        ("She", "He"),
        ("2021", "2020"),
    ],
)
def test_a_changed_fact_is_seen_in_source_and_target(was: str, now: str) -> None:
    changed = SOURCE.replace(was, now)
    assert same_facts((SOURCE, SOURCE), (SOURCE, SOURCE))
    assert not same_facts((SOURCE, SOURCE), (changed, SOURCE))
    assert not same_facts((SOURCE, SOURCE), (SOURCE, changed))
    if was != "No pain":
        assert not fewer_in_source((SOURCE, SOURCE), (changed, SOURCE))
    if was != "2021":
        assert not same_but_shifted((SOURCE, SOURCE), (changed, SOURCE))


def test_dates_may_move_together_only() -> None:
    later = SOURCE.replace("03/05", "03/07")
    assert same_but_shifted((SOURCE, SOURCE), (later, later))
    assert not same_but_shifted((SOURCE, SOURCE), (later, SOURCE))
    assert not same_facts((SOURCE, None), (later, None))


def test_a_source_may_say_less_and_its_target_not() -> None:
    less = SOURCE.replace(" No pain in the left knee.", "")
    assert fewer_in_source((SOURCE, SOURCE), (less, SOURCE))
    assert not fewer_in_source((SOURCE, SOURCE), (SOURCE, less))
    assert not fewer_in_source((less, SOURCE), (SOURCE, SOURCE))
