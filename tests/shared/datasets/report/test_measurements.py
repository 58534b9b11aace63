import pytest

from shared.datasets.report.measurements import SHARE_EDGES, Measurements
from shared.schemas.dataset_reports import Distribution


def distribution(*values: float) -> Distribution:
    measured = Measurements()
    for value in values:
        measured.add(value)
    found = measured.distribution()
    assert found is not None
    return found


def test_quantiles_are_the_least_values_that_so_many_do_not_exceed() -> None:
    found = distribution(*range(1, 101))
    assert (found.p5, found.p25, found.median, found.p75, found.p95, found.p99) == (
        5, 25, 50, 75, 95, 99,
    )  # fmt: skip
    assert (found.min, found.max, found.mean, found.count) == (1, 100, 50.5, 100)


def test_one_value_is_all_quantiles() -> None:
    found = distribution(7)
    assert {found.min, found.p5, found.median, found.p99, found.max} == {7}


def test_large_values_keep_three_digits_and_the_mean_is_exact() -> None:
    found = distribution(123_456, 123_458)
    assert found.median == 123_000
    assert found.mean == 123_457


def test_bins_hold_each_value_once_without_empty_ends() -> None:
    found = distribution(0, 5, 5, 9, 10_000_000_000)
    assert sum(bin_.count for bin_ in found.histogram) == 5
    assert found.histogram[0].low == 0
    assert found.histogram[-1].count == 1
    five = next(bin_ for bin_ in found.histogram if bin_.low == 5)
    assert (five.high, five.count) == (6, 2)


def test_a_share_of_one_is_in_the_last_bin() -> None:
    measured = Measurements()
    measured.add(1.0)
    found = measured.distribution(SHARE_EDGES)
    assert found is not None
    assert [(bin_.low, bin_.high) for bin_ in found.histogram] == [(0.95, 1.0)]


def test_shares_beyond_a_value() -> None:
    measured = Measurements()
    for value in (1, 2, 3, 4):
        measured.add(value)
    assert measured.share_above(3) == 0.25
    assert measured.share_below(3) == 0.5
    assert Measurements().share_above(1) == 0.0
    assert Measurements().mean == pytest.approx(0.0)
