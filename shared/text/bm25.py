"""Which of many texts are about the same as another.

Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond").
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

_K1, _B = 1.2, 0.75


class BM25:
    """Texts as lists of terms. Keeps how often each term stands in each, and no text."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._lengths: list[int] = []
        for place, terms in enumerate(texts):
            self._lengths.append(len(terms))
            for term, times in Counter(terms).items():
                self._postings[term].append((place, times))
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)

    def __len__(self) -> int:
        return len(self._lengths)

    def ranked(self, terms: Iterable[str]) -> list[int]:
        """Places of the texts that share a term, the best first; of equals the earlier."""
        scores: dict[int, float] = defaultdict(float)
        for term in set(terms):
            found = self._postings.get(term, ())
            rarity = math.log(1 + (len(self) - len(found) + 0.5) / (len(found) + 0.5))
            for place, times in found:
                length = 1 - _B + _B * self._lengths[place] / self._mean
                scores[place] += rarity * times * (_K1 + 1) / (times + _K1 * length)
        return sorted(scores, key=lambda place: (-scores[place], place))
