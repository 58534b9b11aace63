import pytest

from shared.scoring.correlation import spearman


def test_order_counts_and_distance_does_not() -> None:
    assert spearman([1, 2, 3, 4], [1, 10, 100, 1000]) == 1.0
    assert spearman([1, 2, 3, 4], [0, -1, -2, -30]) == -1.0


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    """Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 · 5)."""
    assert spearman([0, 7, 7, 9], [1, 2, 3, 4]) == pytest.approx(0.9486833)


def test_a_measure_that_tells_nothing_apart_correlates_with_nothing() -> None:
    assert spearman([5, 5, 5], [1, 2, 3]) == 0.0


def test_measures_of_different_things_are_refused() -> None:
    with pytest.raises(ValueError, match="same things"):
        spearman([1, 2], [1, 2, 3])
