import numpy as np
import pytest

from shared.scoring.bootstrap import bootstrap
from shared.scoring.resample import Resampled


def test_means_and_intervals_are_those_of_the_plain_bootstrap() -> None:
    values = [float(n % 7) for n in range(60)]
    table = np.array([[value, value + 1.0] for value in values])
    drawn = Resampled(table)
    plain = bootstrap(values, lambda items: sum(items) / len(items))
    found = drawn.mean(0)
    assert found.value == pytest.approx(plain.value)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.12)


def test_a_difference_is_paired() -> None:
    drawn = Resampled(np.array([[n, n - 1.0] for n in range(30)], float))
    found = drawn.difference(0, 1)
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0))
    assert drawn.mean(0).high - drawn.mean(0).low > 3


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="nothing"):
        Resampled(np.empty((0, 2)))
