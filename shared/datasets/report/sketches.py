"""Counts of very many things in little memory: the frequent ones, the different ones, a few."""

import random
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Generic, TypeVar

Key = TypeVar("Key")
Kept = TypeVar("Kept")


@lru_cache(maxsize=65_536)
def _hash_word(word: str) -> int:
    return hash_text(word)


def hash_text(text: str) -> int:
    """64 bits, the same in every process."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest)


def hash_words(words: Iterable[str]) -> list[int]:
    """Of each; words recur, so their hashes are kept for a while."""
    return [_hash_word(word) for word in words]


class FrequentItems(Generic[Key]):
    """The frequent items among very many.

    Exact until `capacity` different ones came; then the rarer half is forgotten now and then, and
    a count falls short by `short` at most (a batched form of Manku and Motwani 2002, "Approximate
    frequency counts over data streams").
    """

    def __init__(self, capacity: int) -> None:
        self.short = 0
        self._capacity = capacity
        self._counts: Counter[Key] = Counter()

    def add(self, items: Iterable[Key]) -> None:
        self._counts.update(iter(items))
        if len(self._counts) > self._capacity:
            kept = self._counts.most_common(self._capacity // 2 + 1)
            self.short += kept.pop()[1]
            self._counts = Counter(dict(kept))

    def most_common(self, limit: int | None = None) -> list[tuple[Key, int]]:
        """The most frequent first, then in their own order."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], str(item[0])))
        return ordered[:limit]


class DistinctSample:
    """How many different things there are and how often they recur, from a sample of the things.

    A thing belongs to the sample by its hash alone, so that all of its occurrences are counted or
    none; the share of hashes that belong is halved whenever the sample outgrows `capacity`
    (adaptive sampling: Flajolet 1990). Exact up to there, beyond with a standard error of about
    1.2 / sqrt(capacity).
    """

    def __init__(self, capacity: int = 65_536) -> None:
        self._capacity = capacity
        self._depth = 0
        self._counts: dict[int, int] = {}

    def add(self, hashed: int, count: int = 1) -> None:
        """`hashed`: 64 bits."""
        if hashed & self._mask:
            return
        self._counts[hashed] = self._counts.get(hashed, 0) + count
        while len(self._counts) > self._capacity:
            self._depth += 1
            self._counts = {key: n for key, n in self._counts.items() if not key & self._mask}

    @property
    def exact(self) -> bool:
        return self._depth == 0

    @property
    def distinct(self) -> int:
        return len(self._counts) << self._depth

    @property
    def repeats(self) -> int:
        """Occurrences beyond the first of each thing."""
        return (sum(self._counts.values()) - len(self._counts)) << self._depth

    @property
    def once(self) -> float:
        """Share of the different things that occur once."""
        alone = sum(count == 1 for count in self._counts.values())
        return alone / max(1, len(self._counts))

    @property
    def most(self) -> int:
        """Occurrences of the thing that has most, of those in the sample."""
        return max(self._counts.values(), default=0)

    @property
    def _mask(self) -> int:
        return (1 << self._depth) - 1


class Reservoir(Generic[Kept]):
    """A few at random of very many, each as likely as any other (Vitter 1985, algorithm R)."""

    def __init__(self, size: int, seed: int = 0) -> None:
        self.seen = 0
        self.kept: list[Kept] = []
        self._size = size
        self._chance = random.Random(seed)  # noqa: S311 - which examples are shown is no secret

    def place(self) -> int | None:
        """Where the next one goes, so that it is made only if it is kept; None: nowhere."""
        self.seen += 1
        if self.seen <= self._size:
            return self.seen - 1
        drawn = self._chance.randrange(self.seen)
        return drawn if drawn < self._size else None

    def put(self, place: int, item: Kept) -> None:
        self.kept[place : place + 1] = [item]
