"""The training examples around an evaluation: what a baseline would know, and what leaks.

Of a text no more is held than a byte for each place of its signature (128).
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import numpy as np
import numpy.typing as npt

from shared.datasets.similarity.minhash import PLACES, signature
from shared.datasets.similarity.normal import digest
from shared.datasets.similarity.rows import Rows
from shared.datasets.splits.leakage import ALIKE
from shared.evaluations.score import sentences
from shared.scoring.rouge import rouge

_LEAD = 3
"""Sentences of the lead where no training target says how many there should be."""
_SAMPLED = 150
"""Targets, chosen by chance, among which the medoid is sought: each is compared with each."""
_BY_CHANCE = 1 / 256
"""Of places that differ, so many agree in the byte that is kept."""
Place = tuple[UUID, int]
"""A dataset version and a line of it."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The training example whose source is most like a text; `similarity` is 0..1."""

    place: Place
    similarity: float


class TrainingExamples:
    """`learned`: the dataset versions that a candidate has learned from."""

    def __init__(self, learned: Collection[UUID]) -> None:
        self._learned = frozenset(learned)
        self._versions: list[UUID] = []
        self._signatures = Rows(PLACES, np.uint8)
        self._places = Rows(3, np.int64)
        """Index of the version, line, whether it was learned from."""
        self._lengths: Counter[int] = Counter()
        self._targets: Counter[bytes] = Counter()
        self._first: dict[bytes, Place] = {}
        self._sample: list[tuple[int, str]] = []

    def observe(self, version: UUID, line: int, source: str, target: str) -> None:
        if version not in self._versions:
            self._versions.append(version)
        self._signatures.append(signature(source).astype(np.uint8))
        self._places.append([self._versions.index(version), line, version in self._learned])
        self._lengths[len(sentences(target))] += 1
        said = digest(target)
        self._targets[said] += 1
        if self._first.setdefault(said, (version, line)) == (version, line):
            self._draw(said, target)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def lead(self) -> int:
        """The median number of sentences of a target."""
        return round(median(self._lengths.elements())) if self._lengths else _LEAD

    def nearest(self, text: str) -> Neighbour | None:
        """By estimated Jaccard similarity of word pairs; the first of equals."""
        if not len(self):
            return None
        similar = self._similarities(text)
        at = int(similar.argmax())
        version, line, _ = self._places.table[at]
        return Neighbour((self._versions[int(version)], int(line)), float(similar[at]))

    def leaks(self, text: str) -> bool:
        """Whether a candidate has learned from nearly this source, as curation counts alike."""
        learned = self._places.table[:, 2].astype(bool)
        return bool(learned.any() and self._similarities(text)[learned].max() >= ALIKE)

    def frequent(self) -> Place | None:
        """Where the target that occurs most often stands; None where none occurs twice."""
        said, times = max(self._targets.items(), key=lambda item: item[1], default=(b"", 0))
        return self._first[said] if times > 1 else None

    def medoid(self) -> str:
        """The target that says most of what the others say, by ROUGE-1 within a sample."""
        texts = [text for _, text in self._sample]
        return max(texts, key=lambda text: sum(rouge(text, other).rouge1 for other in texts))

    def _draw(self, said: bytes, target: str) -> None:
        """Keep those whose digests are lowest: chance, and the same each time."""
        chance = hashlib.blake2b(said, digest_size=8).digest()
        item = (-int.from_bytes(chance), target)
        if len(self._sample) < _SAMPLED:
            heapq.heappush(self._sample, item)
        else:
            heapq.heappushpop(self._sample, item)

    def _similarities(self, text: str) -> npt.NDArray[np.float64]:
        equal = (self._signatures.table == signature(text).astype(np.uint8)).mean(axis=1)
        return np.asarray((equal - _BY_CHANCE) / (1 - _BY_CHANCE))
