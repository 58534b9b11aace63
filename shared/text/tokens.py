"""The tokens of a sentence with their places: words, numbers and the marks that end a clause."""

import re
from functools import lru_cache
from typing import NamedTuple

from shared.text.words import STOP_WORDS, stem, word_set

_TOKEN = re.compile(r"\w+(?:['\u2019]\w+)*|[.,;:?!()\[\]]")
_NOT = ("n't", "n\u2019t")
_NON = "non"
_SHORTEST_NON = 7
_NO_NON = word_set("nonetheless nonsense nonstop nonspecific noninvasive nonsteroidal")

_NARRATION = word_set(
    "patient patients pt pts mr mrs ms miss dr doctor report reports reported state states stated "
    "note notes noted complains complaining today currently notice noticed ever presently"
)
"""They say that something is told, not what."""


class Token(NamedTuple):
    """`word` is lower-cased and stands at [`start`, `end`)."""

    word: str
    start: int
    end: int


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of `text[start:end]`; offsets are those of `text`. `nontender` is two."""
    found = []
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        word, first = match.group().lower(), match.start()
        if word.startswith(_NON) and len(word) >= _SHORTEST_NON and word not in _NO_NON:
            found.append(Token(_NON, first, first + len(_NON)))
            word, first = word[len(_NON) :], first + len(_NON)
        found.append(Token(word, first, match.end()))
    return found


@lru_cache(maxsize=65_536)
def is_not(word: str) -> bool:
    """`not` and whatever ends in it: `don't`, `cannot`, `can't`."""
    return word in ("not", "cannot", "dont", "doesnt", "didnt") or word.endswith(_NOT)


@lru_cache(maxsize=65_536)
def term_of(word: str) -> str | None:
    """What a word counts as where sentences are compared; None for grammar and marks."""
    if word in STOP_WORDS or word in _NARRATION or not word[0].isalnum() or is_not(word):
        return None
    return stem(word)
