"""Which of many texts are nearly the same, in time and memory linear in their number.

Locality-sensitive hashing: signatures are cut into bands, and texts that share one are compared. Of
a text no more is held than a byte of each place of its signature and a hash of each band.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.datasets.similarity.minhash import PLACES, Hashes, Signature, signature
from shared.datasets.similarity.rows import Rows

_BAND = 4
"""Places. Of two texts of similarity s a band is equal with probability s⁴: 32 bands miss 1.2 % of
what is 0.6 alike and 0.03 % at 0.7; 16 bands miss 0.02 % at 0.8."""
_HIGH = 0.75
"""From this threshold half of the signature is enough."""
_REACH = 8
"""Each text is compared with so many before it in a band, and with the first: a thousand copies of
one form cost a thousand comparisons, not a million."""
_BATCH = 65_536
_BY_CHANCE = 1 / 256
"""Of places that differ, so many agree in the byte that is kept."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that are alike; `place` counts the texts from 0 as they were observed."""

    place: int
    other: int
    similarity: float


class NearDuplicates:
    """Observe every text, then ask for the pairs of a similarity of at least `threshold`, 0..1.

    Of many copies of one text not every pair is named, but each copy with others: take what hangs
    together. Below a threshold of 0.5 some are missed. Holds 256 bytes a text, half of it from one
    of 0.75.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._places = PLACES if threshold < _HIGH else PLACES // 2
        self._bytes = Rows(self._places, np.uint8)
        self._bands = Rows(self._places // _BAND, np.uint32)
        self._lines = Rows(1, np.int64)
        self._weights: Hashes = 2 * np.arange(1, _BAND + 1, dtype=np.uint64) + np.uint64(1)

    def observe(self, line: int, text: str) -> None:
        """`line` names the text in what `pairs` yields."""
        minima = signature(text)[: self._places]
        self._lines.append(line)
        self._bytes.append(minima.astype(np.uint8))
        self._bands.append(self._keys(minima))

    def similarity(self, place: int, other: int) -> float:
        """The estimated Jaccard similarity of two texts, by their places in the observing."""
        return float(self._similarities(np.array([place]), np.array([other]))[0])

    def line(self, place: int) -> int:
        return int(self._lines.table[place, 0])

    def pairs(self) -> Iterator[Pair]:
        """Each pair once, the earlier text as `other`; in no particular order."""
        seen: set[int] = set()
        count = len(self._bytes)
        for left, right in self._meetings():
            similar = self._similarities(left, right)
            for at in np.flatnonzero(similar >= self._threshold):
                place, other = int(left[at]), int(right[at])
                if place * count + other not in seen:
                    seen.add(place * count + other)
                    yield Pair(place, other, float(similar[at]))

    def _keys(self, minima: Signature) -> npt.NDArray[np.uint32]:
        bands = minima.reshape(-1, _BAND).astype(np.uint64)
        keys: Hashes = (bands * (self._weights * np.uint64(0x9E3779B97F4A7C15))).sum(axis=1)
        return (keys >> np.uint64(32)).astype(np.uint32)

    def _similarities(
        self, left: npt.NDArray[np.intp], right: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.float64]:
        table = self._bytes.table
        equal: npt.NDArray[np.float64] = (table[left] == table[right]).mean(axis=1)
        return np.maximum(0.0, (equal - _BY_CHANCE) / (1 - _BY_CHANCE))

    def _meetings(self) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Places that share a band, the later first, in batches."""
        for band in range(self._bands.table.shape[1]):
            keys = self._bands.table[:, band]
            order = np.argsort(keys, kind="stable")
            keys = keys[order]
            firsts = np.maximum.accumulate(
                np.where(np.append(True, keys[1:] != keys[:-1]), np.arange(len(keys)), 0)
            )
            for reach in range(1, _REACH + 1):
                later = np.flatnonzero(keys[reach:] == keys[:-reach]) + reach
                yield from _batches(order[later], order[later - reach])
            far = np.flatnonzero(np.arange(len(keys)) - firsts > _REACH)
            yield from _batches(order[far], order[firsts[far]])


def _batches(
    left: npt.NDArray[np.intp], right: npt.NDArray[np.intp]
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    for start in range(0, len(left), _BATCH):
        yield left[start : start + _BATCH], right[start : start + _BATCH]
