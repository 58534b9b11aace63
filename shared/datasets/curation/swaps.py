"""Targets that belong to another row's source.

Naive Bayes between two accounts of a target's terms. By the one they are drawn beside its own
source, which holds a term as often as sources of this set hold the terms of their targets; by the
other beside a source picked blindly, which holds it as often as its document frequency says. Both
rates come from the set itself, so that free paraphrase counts against nobody, and rare terms count
most.
"""

import math
from array import array
from collections.abc import Iterator
from zlib import crc32

import numpy as np
import numpy.typing as npt

from shared.datasets.curation.catalogue import Settings
from shared.datasets.curation.reading import source_of
from shared.datasets.records import Candidate, Flag
from shared.text.numbers import numbers
from shared.text.terms import held_terms, stems

_CELLS = 1 << 20
_MOST_TERMS = 64
"""Of a target are held; of a longer one those of the lowest hashes, which is as good as chance."""
_CLASSES = 16
"""Of terms, by the logarithm of their document frequency."""
_CERTAIN = 0.98
"""No rate is taken for larger: a single term decides nothing."""
_HELD = np.uint32(1)
Floats = npt.NDArray[np.float64]


class Swaps:
    """Holds up to 270 bytes a row, on average sixty, and 4 MB."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._frequencies = np.zeros(_CELLS, np.uint32)
        self._lines = array("q")
        self._sizes = array("i")
        self._terms = array("I")
        self._ends = array("q")
        self._rows = 0

    def observe(self, candidate: Candidate) -> None:
        source = _of_source(candidate.source)
        held = np.unique(np.fromiter(map(_hash, source), np.uint32, len(source)) % _CELLS)
        self._frequencies[held] += 1
        self._rows += 1
        if candidate.target is None:
            return
        target = _of_target(candidate.target)
        hashed = sorted((_hash(term), term in source) for term in target)[:_MOST_TERMS]
        # The lowest bit says whether the row's own source holds the term.
        self._terms.extend((term & ~1) | is_held for term, is_held in hashed)
        self._ends.append(len(self._terms))
        self._lines.append(candidate.line)
        self._sizes.append(len(source))

    def flags(self) -> Iterator[Flag]:
        if self._rows < self._settings["fewest_rows"]:
            return
        mean_size = float(np.mean(self._sizes)) if self._sizes else 1.0
        rates = self._own_rates()
        start = 0
        for line, size, end in zip(self._lines, self._sizes, self._ends, strict=True):
            terms = np.array(self._terms[start:end], np.uint32)
            start = end
            evidence = self._evidence(terms, size / mean_size, rates)
            if evidence < self._settings["log_likelihood"]:
                yield self._flag(line, terms, evidence)

    def _evidence(self, terms: npt.NDArray[np.uint32], relative_size: float, own: Floats) -> float:
        """Log-likelihood ratio of "beside its own source" over "beside any".

        A long source holds more of anything: `relative_size` is its number of terms over the mean.
        """
        frequency = self._frequency(terms)
        any_holds = np.minimum(1 - (1 - frequency) ** relative_size, _CERTAIN)
        own_holds = np.clip(np.maximum(own[_class(frequency)], any_holds), 0.0, _CERTAIN)
        held = (terms & _HELD).astype(bool)
        ratios = np.where(held, own_holds / any_holds, (1 - own_holds) / (1 - any_holds))
        return float(np.log(ratios).sum())

    def _own_rates(self) -> Floats:
        """How often sources hold terms of their own targets, by class of frequency."""
        held, all_of = np.full(_CLASSES, 0.5), np.ones(_CLASSES)
        terms = np.frombuffer(self._terms, np.uint32) if self._terms else np.zeros(0, np.uint32)
        for start in range(0, len(terms), _CELLS):
            chunk = terms[start : start + _CELLS]
            classes = _class(self._frequency(chunk))
            held += np.bincount(classes, chunk & _HELD, _CLASSES)
            all_of += np.bincount(classes, minlength=_CLASSES)
        rates: Floats = held / all_of
        return rates

    def _frequency(self, terms: npt.NDArray[np.uint32]) -> Floats:
        """Share of the sources that hold each term; between 0 and 1."""
        counts = self._frequencies[(terms & ~_HELD) % _CELLS]
        frequency: Floats = (counts + 0.5) / (self._rows + 1.0)
        return frequency

    @staticmethod
    def _flag(line: int, terms: npt.NDArray[np.uint32], evidence: float) -> Flag:
        held = int((terms & _HELD).sum())
        likelier = math.exp(min(-evidence, 20.0))
        detail = f"{likelier:.3g} times likelier of another row: {held} of {len(terms)} terms held"
        return Flag("swapped_target", line, detail)


def _class(frequency: Floats) -> npt.NDArray[np.intp]:
    return np.minimum(-np.log2(frequency), _CLASSES - 1).astype(np.intp)


def _hash(term: str) -> int:
    return crc32(term.encode()) & ~1


def _of_source(text: str) -> set[str]:
    index = source_of(text).index
    return held_terms(text) | {f"#{number.value}" for number in index.numbers.all}


def _of_target(text: str) -> set[str]:
    return {*stems(text), *(f"#{number.value}" for number in numbers(text))}
