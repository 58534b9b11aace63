"""Percentile bootstrap (Efron 1979): how far a figure over some items would differ over others.

Items are drawn with replacement, as many as there are; two systems are compared on the same draw
(Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

Item = TypeVar("Item")

SAMPLES = 2_000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` over the items themselves; `low` and `high` bound 95 % of the resampled values."""

    value: float
    low: float
    high: float


def bootstrap(
    items: Sequence[Item],
    statistic: Callable[[Sequence[Item]], float],
    *,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Estimate:
    """`statistic` of the items with its interval. Raises ValueError where there is no item."""
    if not items:
        raise ValueError("There is nothing to draw from.")
    dice = Random(seed)  # noqa: S311 - chance by a seed, to be repeated
    values = sorted(statistic(dice.choices(items, k=len(items))) for _ in range(samples))
    tail = (1 - CONFIDENCE) / 2
    low, high = values[round(tail * (samples - 1))], values[round((1 - tail) * (samples - 1))]
    return Estimate(statistic(items), low, high)


def mean_difference(
    ours: Sequence[float], theirs: Sequence[float], *, samples: int = SAMPLES, seed: int = 0
) -> Estimate:
    """Mean of ours less theirs, item by item. Raises ValueError where the two do not pair."""
    pairs = [left - right for left, right in zip(ours, theirs, strict=True)]
    return bootstrap(pairs, _mean, samples=samples, seed=seed)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
