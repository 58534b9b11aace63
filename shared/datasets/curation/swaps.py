"""Targets that belong to another row's source.

Naive Bayes between two accounts of a target's terms. By the one they stand beside its own source,
which holds a term as often as the sources of the other targets with this term do; by the other
beside a source picked blindly, which holds it as often as its document frequency says. Both rates
come from the set itself, so that free paraphrase, and what only targets say ("noncontributory"),
count against nobody, and rare terms count most.
"""

import math
from array import array
from collections.abc import Callable, Iterable, Iterator
from zlib import crc32

import numpy as np
import numpy.typing as npt

from shared.datasets.curation.catalogue import Settings
from shared.datasets.curation.reading import source_of
from shared.datasets.records import Candidate, Flag
from shared.text.numbers import Number, numbers
from shared.text.terms import held_terms, stems

_CELLS = 1 << 20
_MOST_TERMS = 64
"""Of a target are held; of a longer one those of the lowest hashes, which is as good as chance."""
_CLASSES = 16
"""Of terms, by the logarithm of their document frequency."""
_CERTAIN = 0.98
"""No rate is taken for larger: a single term decides nothing."""
_PRIOR = 4.0
"""Rows by which a term's rate is drawn to that of its class."""
_ROOT = 6
"""Letters of a word that count: `smoker` meets `smoking`."""
_HELD = np.uint32(1)
Floats = npt.NDArray[np.float64]
Terms = npt.NDArray[np.uint32]
"""Hashes of terms; the lowest bit says whether the row's own source holds the term."""


class Swaps:
    """Holds four bytes for each term of a row's target, at most 256, and 12 MB."""

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
        held = np.fromiter(map(_hash, source), np.uint32, len(source))
        self._frequencies[np.unique(_cells(held))] += 1
        self._rows += 1
        if candidate.target is None:
            return
        target = _of_target(candidate.target)
        hashed = sorted((_hash(term), term in source) for term in target)[:_MOST_TERMS]
        self._terms.extend((term & ~1) | is_held for term, is_held in hashed)
        self._ends.append(len(self._terms))
        self._lines.append(candidate.line)
        self._sizes.append(max(1, len(source)))

    def flags(self) -> Iterator[Flag]:
        if self._rows < self._settings["fewest_rows"]:
            return
        mean_size = float(np.mean(self._sizes)) if self._sizes else 1.0
        own = _Own(self._terms, self._frequency)
        start = 0
        for line, size, end in zip(self._lines, self._sizes, self._ends, strict=True):
            terms = np.array(self._terms[start:end], np.uint32)
            start = end
            evidence = self._evidence(terms, size / mean_size, own)
            if evidence < self._settings["log_likelihood"]:
                yield self._flag(line, terms, evidence)

    def _evidence(self, terms: Terms, relative_size: float, own: "_Own") -> float:
        """Log-likelihood ratio of "beside its own source" over "beside any".

        A long source holds more of anything: `relative_size` is its number of terms over the mean.
        """
        any_holds = np.minimum(1 - (1 - self._frequency(terms)) ** relative_size, _CERTAIN)
        own_holds = np.minimum(np.maximum(own.rates(terms), any_holds), _CERTAIN)
        held = (terms & _HELD).astype(bool)
        ratios = np.where(held, own_holds / any_holds, (1 - own_holds) / (1 - any_holds))
        return float(np.log(ratios).sum())

    def _frequency(self, terms: Terms) -> Floats:
        """Share of the sources that hold each term; between 0 and 1."""
        counts = self._frequencies[_cells(terms)].astype(np.float64)
        frequency: Floats = (counts + 0.5) / (self._rows + 1.0)
        return frequency

    @staticmethod
    def _flag(line: int, terms: Terms, evidence: float) -> Flag:
        held = int((terms & _HELD).sum())
        likelier = math.exp(min(-evidence, 20.0))
        detail = f"{likelier:.3g} times likelier of another row: {held} of {len(terms)} terms held"
        return Flag("swapped_target", line, detail)


class _Own:
    """How often sources hold the terms of their own targets."""

    def __init__(self, terms: "array[int]", frequency: Callable[[Terms], Floats]) -> None:
        self._frequency = frequency
        self._all = np.zeros(_CELLS, np.uint32)
        self._held = np.zeros(_CELLS, np.uint32)
        held, all_of = np.full(_CLASSES, 0.5), np.ones(_CLASSES)
        every = np.frombuffer(terms, np.uint32) if terms else np.zeros(0, np.uint32)
        for start in range(0, len(every), _CELLS):
            chunk = every[start : start + _CELLS]
            self._all += _counts(chunk)
            self._held += _counts(chunk[(chunk & _HELD).astype(bool)])
            classes = _class(frequency(chunk))
            held += np.bincount(classes, chunk & _HELD, _CLASSES)
            all_of += np.bincount(classes, minlength=_CLASSES)
        self._of_class: Floats = held / all_of

    def rates(self, terms: Terms) -> Floats:
        """Of one target's terms, by what the other targets with them show."""
        cells = _cells(terms)
        prior = _PRIOR * self._of_class[_class(self._frequency(terms))]
        held = (self._held[cells] - (terms & _HELD)).astype(np.float64)
        rates: Floats = (held + prior) / (self._all[cells] - 1 + _PRIOR)
        return rates


def _cells(terms: Terms) -> Terms:
    return (terms >> _HELD) % _CELLS


def _counts(terms: Terms) -> Terms:
    return np.bincount(_cells(terms), minlength=_CELLS).astype(np.uint32)


def _class(frequency: Floats) -> npt.NDArray[np.intp]:
    return np.minimum(-np.log2(frequency), _CLASSES - 1).astype(np.intp)


def _hash(term: str) -> int:
    return crc32(term.encode()) & ~1


def _of_source(text: str) -> set[str]:
    index = source_of(text).index
    return _roots(held_terms(text), index.numbers.all)


def _of_target(text: str) -> set[str]:
    return _roots(stems(text), numbers(text))


def _roots(found: Iterable[str], figures: Iterable[Number]) -> set[str]:
    return {word[:_ROOT] for word in found} | {f"#{number.value}" for number in figures}
