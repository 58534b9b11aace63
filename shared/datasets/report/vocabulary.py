"""The words that texts are written in."""

from collections import Counter
from collections.abc import Iterable

from shared.datasets.report.sketches import DistinctSample, FrequentItems, hash_words
from shared.schemas.dataset_reports import Term, Vocabulary
from shared.text.words import STOP_WORDS

_FOLLOWED = 40_000
_TOP = 30
_SHORTEST = 3
_LONGEST = 40


class Words:
    """The words of many texts."""

    def __init__(self) -> None:
        self._texts = 0
        self._words = 0
        self._distinct = DistinctSample()
        self._frequent: FrequentItems[str] = FrequentItems(_FOLLOWED)

    def add(self, counts: Counter[str]) -> None:
        """The words of one text, each with how often it occurs."""
        self._texts += 1
        self._words += counts.total()
        for hashed, count in zip(hash_words(counts), counts.values(), strict=True):
            self._distinct.add(hashed, count)
        self._frequent.add(telling(counts))

    def vocabulary(self) -> Vocabulary:
        return Vocabulary(
            words=self._words,
            distinct=self._distinct.distinct,
            exact=self._distinct.exact,
            once=round(self._distinct.once, 4),
            top=[Term(term=term, share=round(share, 4)) for term, share in self.shares(_TOP)],
        )

    def shares(self, limit: int | None = None) -> list[tuple[str, float]]:
        """Telling words, and the share of texts that hold them, the most frequent first."""
        return [
            (word, count / max(1, self._texts)) for word, count in self._frequent.most_common(limit)
        ]


def only_words(tokens: Iterable[str]) -> Counter[str]:
    """Without numbers."""
    return Counter(token for token in tokens if token[0].isalpha())


def telling(words: Iterable[str]) -> list[str]:
    """Words that say what a text is about: no grammar, and none of one or two letters."""
    return [word for word in words if _SHORTEST <= len(word) <= _LONGEST and word not in STOP_WORDS]
