"""Rows that say the same twice, and which of them stays."""

from array import array
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from shared.datasets.curation.catalogue import Settings
from shared.datasets.records import Candidate, Flag
from shared.datasets.similarity.minhash import signature
from shared.datasets.similarity.near import NearDuplicates
from shared.datasets.similarity.normal import digest, tokens
from shared.datasets.similarity.rows import Rows

_STANDING = {"test": 0, "validation": 1, "train": 2, None: 2}
_TARGET_PLACES = 64


def standing(candidate: Candidate) -> int:
    """Of copies the one of the lowest stays, then the earliest.

    What is tested on stays, so that the copy in training goes; then what has a target, and a
    person's before a model's.
    """
    no_target = candidate.target is None
    return 4 * _STANDING[candidate.split] + 2 * no_target + (candidate.kind == "pseudo_labelled")


class ExactDuplicates:
    """Holds 25 bytes a row."""

    def __init__(self, _: Settings) -> None:
        self._lines = array("q")
        self._standings = array("b")
        self._digests = bytearray()

    def observe(self, candidate: Candidate) -> None:
        self._lines.append(candidate.line)
        self._standings.append(standing(candidate))
        self._digests += digest(candidate.source, candidate.target)

    def flags(self) -> Iterator[Flag]:
        halves = np.frombuffer(self._digests, np.uint64).reshape(-1, 2)
        standings = np.array(self._standings, np.uint64)
        order = np.lexsort((standings, halves[:, 1], halves[:, 0]))  # stable: then by line
        equal = (halves[order][1:] == halves[order][:-1]).all(axis=1)
        stays = 0
        for at, same in enumerate(equal, start=1):
            if not same:
                stays = at
                continue
            line, other = self._lines[order[at]], self._lines[order[stays]]
            yield Flag("exact_duplicate", line, f"like line {other}", other)


class NearCopies:
    """Rows whose sources are alike, and how much their targets are. Holds bytes a row."""

    def __init__(self, source_similarity: float) -> None:
        self.sources = NearDuplicates(source_similarity)
        self._targets = Rows(_TARGET_PLACES, np.uint8)
        self._has_target = array("b")

    def observe(self, candidate: Candidate) -> bool:
        """Whether it was taken in: a source without words is like none."""
        if not tokens(candidate.source):
            return False
        self.sources.observe(candidate.line, candidate.source)
        minima = signature(candidate.target or "", with_words=True)
        self._targets.append(minima[:_TARGET_PLACES].astype(np.uint8))
        self._has_target.append(candidate.target is not None)
        return True

    def both_have_targets(self, place: int, other: int) -> bool:
        return bool(self._has_target[place] and self._has_target[other])

    def target_similarity(self, place: int, other: int) -> float:
        """Share of words and pairs of words that the targets have in common; 1 where one lacks."""
        if not self.both_have_targets(place, other):
            return 1.0
        table: npt.NDArray[np.uint8] = self._targets.table
        return float((table[place] == table[other]).mean())


class NearRepeats:
    """Of rows alike in source and target all but one; verbatim copies are another step's."""

    def __init__(self, settings: Settings) -> None:
        self._least = settings["source_similarity"]
        self._least_target = settings["target_similarity"]
        self._copies = NearCopies(self._least)
        self._standings = array("b")
        self._digests = array("q")

    def observe(self, candidate: Candidate) -> None:
        if self._copies.observe(candidate):
            self._standings.append(standing(candidate))
            half = digest(candidate.source, candidate.target)[:8]
            self._digests.append(int.from_bytes(half, "little", signed=True))

    def flags(self) -> Iterator[Flag]:
        linked: dict[int, list[int]] = defaultdict(list)
        for pair in self._copies.sources.pairs():
            linked[pair.place].append(pair.other)
            linked[pair.other].append(pair.place)
        stays: dict[int, int] = {}
        for place in sorted(linked, key=lambda place: (self._standings[place], place)):
            # A copy's copy is compared with the row that stayed for it, or chains would wander off.
            heads = dict.fromkeys(stays[other] for other in linked[place] if other in stays)
            head = next((head for head in heads if self._is_copy(place, head)), place)
            stays[place] = head
            if self._digests[place] != self._digests[head]:
                yield self._flag(place, head)

    def _is_copy(self, place: int, other: int) -> bool:
        return (
            self._copies.sources.similarity(place, other) >= self._least
            and self._copies.target_similarity(place, other) >= self._least_target
        )

    def _flag(self, place: int, other: int) -> Flag:
        sources = self._copies.sources
        similarity = sources.similarity(place, other)
        line = sources.line(other)
        detail = f"like line {line}, similarity {similarity:.2f}"
        return Flag("near_duplicate", sources.line(place), detail, line)


class Contradictions:
    """Rows of nearly the same source whose targets have little in common; both are named."""

    def __init__(self, settings: Settings) -> None:
        self._copies = NearCopies(settings["source_similarity"])
        self._most_target = settings["target_similarity"]

    def observe(self, candidate: Candidate) -> None:
        self._copies.observe(candidate)

    def flags(self) -> Iterator[Flag]:
        said: set[int] = set()
        for pair in self._copies.sources.pairs():
            alike = self._copies.target_similarity(pair.place, pair.other)
            if alike >= self._most_target:
                continue
            for place, other in ((pair.place, pair.other), (pair.other, pair.place)):
                if place not in said:
                    said.add(place)
                    yield self._flag(place, other, pair.similarity, alike)

    def _flag(self, place: int, other: int, similarity: float, alike: float) -> Flag:
        line = self._copies.sources.line(other)
        detail = f"source like line {line}'s, similarity {similarity:.2f}; targets {alike:.2f}"
        return Flag("contradictory", self._copies.sources.line(place), detail, line)
