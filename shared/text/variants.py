"""Words of one root: `hypertensive` and `hypertension`, `allergic` and `allergy`."""

from collections.abc import Iterable

_SHORTEST = 5
"""A shorter common beginning says nothing: `cardi` is the least that may."""
_LONGEST = 30
"""A longer word is no word, and all its beginnings would take the square of its length."""
_COMMON = 0.6
"""So much of the longer word has to be common."""
_ENDING = 2
"""So many letters of the shorter word may differ."""


class Variants:
    """The stems of a text by their beginnings. Not changed after construction."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._by_beginning: dict[str, str] = {}
        for word in stems:
            for length in _lengths(word):
                self._by_beginning.setdefault(word[:length], word)

    def nearest(self, word: str) -> str | None:
        """The stem with the longest beginning in common with `word`; None where none is near."""
        for length in _lengths(word):
            other = self._by_beginning.get(word[:length])
            if other and length >= min(len(word), len(other)) - _ENDING:
                return other
        return None


def _lengths(word: str) -> range:
    """The lengths of beginnings that matter, longest first."""
    if not word.isalpha() or len(word) > _LONGEST:
        return range(0)
    least = max(_SHORTEST, -int(-_COMMON * len(word) // 1))
    return range(len(word), least - 1, -1)
