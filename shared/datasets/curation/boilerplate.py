"""Rows that say what many others say, sentence for sentence."""

from array import array
from collections.abc import Iterator
from zlib import crc32

import numpy as np
import numpy.typing as npt

from shared.datasets.curation.catalogue import Settings
from shared.datasets.curation.reading import source_of
from shared.datasets.records import Candidate, Flag
from shared.datasets.similarity.normal import tokens
from shared.text.sentences import sentence_spans

_CELLS = 1 << 21
_MOST_SENTENCES = 64
"""Of a text are held; of a longer one those of the lowest hashes, which is as good as chance."""


class Sentences:
    """The sentences of one side of all rows, by hash: four bytes a sentence, and 8 MB."""

    def __init__(self) -> None:
        self._rows = np.zeros(_CELLS, np.uint32)
        self._hashes = array("I")
        self._ends = array("q")

    def observe(self, hashes: set[int]) -> None:
        for hashed in hashes:
            self._rows[hashed % _CELLS] += 1
        self._hashes.extend(sorted(hashes)[:_MOST_SENTENCES])
        self._ends.append(len(self._hashes))

    def recurring(self, fewest: float) -> Iterator[tuple[int, int]]:
        """Of each row the number of its sentences that stand in so many rows, and of all."""
        start = 0
        hashes: npt.NDArray[np.uint32] = np.array(self._hashes, np.uint32)
        for end in self._ends:
            rows = self._rows[hashes[start:end] % _CELLS]
            yield int((rows >= fewest).sum()), end - start
            start = end


class Boilerplate:
    """A target with a sentence that recurs; a source of which a large share does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lines = array("q")
        self._sources = Sentences()
        self._targets = Sentences()

    def observe(self, candidate: Candidate) -> None:
        self._lines.append(candidate.line)
        index = source_of(candidate.source).index
        said = [span.of(index.text) for span in index.sentences]
        self._sources.observe(self._hashes(said))
        target = candidate.target or ""
        self._targets.observe(self._hashes([span.of(target) for span in sentence_spans(target)]))

    def flags(self) -> Iterator[Flag]:
        fewest = max(self._settings["rows"], self._settings["row_share"] * len(self._lines))
        sources, targets = self._sources.recurring(fewest), self._targets.recurring(fewest)
        for line, of_source, of_target in zip(self._lines, sources, targets, strict=True):
            if of_target[0]:
                yield self._flag(line, "target", *of_target)
            elif of_source[0] > self._settings["source_share"] * of_source[1]:
                yield self._flag(line, "source", *of_source)

    @staticmethod
    def _flag(line: int, side: str, recurring: int, of: int) -> Flag:
        detail = f"{recurring} of {of} sentences of the {side} recur in other rows"
        return Flag("boilerplate", line, detail)

    def _hashes(self, sentences: list[str]) -> set[int]:
        spoken = (tokens(sentence) for sentence in sentences)
        fewest = self._settings["words"]
        return {crc32(" ".join(said).encode()) for said in spoken if len(said) >= fewest}
