"""Percentile bootstrap of many means over the same items at once.

The figures of `shared/scoring/bootstrap.py` for a whole table: each draw counts for every column,
so that any two columns are compared on the same draws (Koehn 2004, paired).
"""

import numpy as np
import numpy.typing as npt

from shared.scoring.bootstrap import CONFIDENCE, SAMPLES, Estimate

Table = npt.NDArray[np.float64]


class Resampled:
    """`table`: [items, columns], at least one item."""

    def __init__(self, table: Table, *, samples: int = SAMPLES, seed: int = 0) -> None:
        if not len(table):
            raise ValueError("There is nothing to draw from.")
        self._means: Table = table.mean(axis=0)
        self._drawn: Table = np.empty((samples, table.shape[1]))
        dice = np.random.Generator(np.random.PCG64(seed))
        count = len(table)
        for sample in range(samples):
            times = np.bincount(dice.integers(0, count, count), minlength=count)
            self._drawn[sample] = times @ table / count

    def mean(self, column: int) -> Estimate:
        """Of a column, with its interval."""
        return self._estimate(self._means[column], self._drawn[:, column])

    def difference(self, column: int, other: int) -> Estimate:
        """The mean of `column` less that of `other`, item by item."""
        drawn = self._drawn[:, column] - self._drawn[:, other]
        return self._estimate(self._means[column] - self._means[other], drawn)

    def _estimate(self, value: float, drawn: Table) -> Estimate:
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(drawn, [tail, 1 - tail], method="nearest")
        return Estimate(float(value), float(low), float(high))
