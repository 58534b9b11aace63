import pytest

from shared.scoring.bootstrap import bootstrap, mean_difference


def test_a_clear_difference_lies_above_nothing_and_a_matter_of_chance_does_not() -> None:
    better = mean_difference([0.9, 0.8, 0.7, 0.9] * 10, [0.5, 0.6, 0.4, 0.5] * 10)
    chance = mean_difference([1.0, 0.0] * 20, [0.0, 1.0] * 20)
    assert 0.2 < better.low < better.value < better.high < 0.4
    assert better.value == pytest.approx(0.325)
    assert chance.low < chance.value == 0.0 < chance.high


def test_pairs_stay_together() -> None:
    """Two measures that differ by the same on every item differ by that on every draw."""
    constant = mean_difference([1.1, 5.1, 9.1], [1.0, 5.0, 9.0])
    assert constant.low == pytest.approx(0.1)
    assert constant.high == pytest.approx(0.1)


def test_its_interval_is_that_of_the_normal_approximation_for_a_mean_of_many() -> None:
    found = bootstrap([0.0, 1.0] * 200, lambda values: sum(values) / len(values))
    assert found.value == 0.5
    assert (found.low, found.high) == pytest.approx((0.451, 0.549), abs=0.006)


def test_a_seed_gives_the_same_interval_again_and_another_another() -> None:
    values = [float(n * n % 17) for n in range(50)]
    first, again, other = (
        bootstrap(values, lambda drawn: sum(drawn) / len(drawn), seed=seed) for seed in (3, 3, 4)
    )
    assert first == again != other


def test_nothing_and_unpaired_items_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        bootstrap([], len)
    with pytest.raises(ValueError, match="zip"):
        mean_difference([1.0, 2.0], [1.0])
