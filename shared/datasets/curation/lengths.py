"""Rows whose source or target is far shorter or longer than those of the others."""

import math
from array import array
from collections.abc import Iterator
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from shared.datasets.curation.catalogue import Settings
from shared.datasets.curation.reading import word_count
from shared.datasets.records import Candidate, Flag

_TO_DEVIATION = 1 / NormalDist().inv_cdf(0.75)
"""From the median absolute deviation to the standard deviation of a normal distribution."""
_LEAST_DEVIATION = math.log(1.25)
"""Sets of equal lengths vary by so much without a meaning."""
Side = Literal["short", "long"]


class Lengths:
    """Holds eight bytes a row. Distances are in deviations of the logarithm of the word count."""

    def __init__(self, settings: Settings, side: Side) -> None:
        self._settings = settings
        self._side = side
        self._lines = array("q")
        self._words = {"source": array("i"), "target": array("i")}

    def observe(self, candidate: Candidate) -> None:
        self._lines.append(candidate.line)
        self._words["source"].append(word_count(candidate.source))
        self._words["target"].append(word_count(candidate.target))

    def flags(self) -> Iterator[Flag]:
        for name, counts in self._words.items():
            words = np.frombuffer(counts, np.int32) if counts else np.zeros(0, np.int32)
            for place in np.flatnonzero((words > 0) & self._beyond(name, words)):
                detail = f"{name} {words[place]} words, median {np.median(words[words > 0]):.0f}"
                yield Flag(f"too_{self._side}", self._lines[place], detail)

    def _beyond(self, name: str, words: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        limit = self._settings[f"{name}_words"]
        if not (words > 0).any():
            return np.zeros(len(words), bool)
        logarithms = np.log(np.maximum(words, 1))
        middle = np.median(logarithms[words > 0])
        spread = np.median(np.abs(logarithms[words > 0] - middle)) * _TO_DEVIATION
        distance = (logarithms - middle) / max(spread, _LEAST_DEVIATION)
        farthest = self._settings["deviations"]
        if self._side == "short":
            beyond: npt.NDArray[np.bool_] = (words < limit) | (distance < -farthest)
        else:
            beyond = (words > limit) | (distance > farthest)
        return beyond
