"""Many values as quantiles and a histogram, in memory that does not grow with them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from shared.schemas.dataset_reports import Bin, Distribution

_STEPS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
"""Renard's R10 series (ISO 3): ten bins a decade, of equal width on a logarithmic axis."""
_EXACT = 1000

LENGTH_EDGES = (
    *(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0),
    *(round(step * 10**power, 6) for power in range(1, 8) for step in _STEPS),
)
"""For whole numbers: no bin below ten that none could fall into."""
RATIO_EDGES = (0.0, *(round(step * 10**power, 6) for power in range(-1, 7) for step in _STEPS))
SHARE_EDGES = tuple(round(step * 0.05, 2) for step in range(21))


class Measurements:
    """Values >= 0, kept to three digits: whole numbers below 1,000 are exact."""

    def __init__(self) -> None:
        self._counts: Counter[float] = Counter()
        self._total = 0.0
        self._min, self._max = float("inf"), 0.0

    def add(self, value: float) -> None:
        kept = value if value < _EXACT and value == int(value) else float(f"{value:.3g}")
        self._counts[kept] += 1
        self._total += value
        self._min, self._max = min(self._min, value), max(self._max, value)

    @property
    def mean(self) -> float:
        """0 of no values."""
        return self._total / max(1, self._counts.total())

    def share_above(self, value: float) -> float:
        """Of all values, those above; 0 where there are none."""
        above = sum(count for kept, count in self._counts.items() if kept > value)
        return above / max(1, self._counts.total())

    def share_below(self, value: float) -> float:
        """Of all values, those below; 0 where there are none."""
        below = sum(count for kept, count in self._counts.items() if kept < value)
        return below / max(1, self._counts.total())

    def distribution(self, edges: Sequence[float] = LENGTH_EDGES) -> Distribution | None:
        """None of no values. A quantile is the least value that so many do not exceed."""
        if not self._counts:
            return None
        values = sorted(self._counts)
        running = list(accumulate(self._counts[value] for value in values))
        count = running[-1]
        p5, p25, p50, p75, p95, p99 = (
            values[bisect_right(running, share * count - 1e-9)]
            for share in (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
        )
        return Distribution(
            count=count,
            mean=round(self._total / count, 4),
            min=round(self._min, 4),
            p5=p5, p25=p25, median=p50, p75=p75, p95=p95, p99=p99,
            max=round(self._max, 4),
            histogram=self._histogram(edges),
        )  # fmt: skip

    def _histogram(self, edges: Sequence[float]) -> list[Bin]:
        """Without empty bins at both ends; what lies behind the last edge is in the last bin."""
        counts: Counter[int] = Counter()
        for value, count in self._counts.items():
            counts[min(bisect_right(edges, value), len(edges) - 1) - 1] += count
        return [
            Bin(low=edges[place], high=edges[place + 1], count=counts[place])
            for place in range(min(counts), max(counts) + 1)
        ]
