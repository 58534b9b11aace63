import random

import pytest

from shared.scoring.confidence import difference_at_any_time


def moments(count: int, share: float) -> tuple[int, float, float]:
    return count, share, share * (1 - share)


@pytest.mark.parametrize("count", [0, 1])
def test_of_next_to_nothing_nothing_is_said(count: int) -> None:
    assert difference_at_any_time(moments(count, 0.5), moments(100, 0.5)) is None


def test_it_narrows_with_the_number_of_documents() -> None:
    widths = []
    for count in (50, 500, 5_000):
        found = difference_at_any_time(moments(count, 0.9), moments(count, 0.8))
        assert found is not None
        assert found.value == pytest.approx(0.1)
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.1


def test_whoever_looks_all_the_time_is_seldom_misled() -> None:
    chance, misled = random.Random(1), 0
    for _ in range(200):
        clean = [0, 0]
        for count in range(1, 1_001):
            for side in (0, 1):
                clean[side] += chance.random() < 0.8
            if count < 50:
                continue
            sides = [moments(count, one / count) for one in clean]
            found = difference_at_any_time(sides[0], sides[1])
            if found is not None and not found.low <= 0 <= found.high:
                misled += 1
                break
    assert misled <= 0.05 * 200
