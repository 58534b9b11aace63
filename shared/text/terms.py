"""The words by which evidence compares a sentence of a summary with those of the source."""

import re

from shared.text.synonyms import synonyms
from shared.text.words import content_words, word_set

NARRATION = frozenset(
    content_words(
        "admits also came clinic come complains currently describes evaluation history notes "
        "office old patient presents reports seen significant states today visit year"
    )
)
"""Stems by which a note tells; they say little of what it tells."""

LEFT_OR_RIGHT = word_set("left right")
BOTH_SIDES = word_set("bilateral bilaterally")
SIDES = LEFT_OR_RIGHT | BOTH_SIDES

_SPELLED = re.compile(r"\b[A-Z](?: [A-Z]){1,5}\b")
"""`E K G`, as transcripts of speech write `EKG`."""
_BOTH = re.compile(r"\bboth\b", re.IGNORECASE)


def stems(text: str) -> list[str]:
    """The content words in order; behind them abbreviations that are spelled out."""
    spelled = (match.group().replace(" ", "").lower() for match in _SPELLED.finditer(text))
    return [*content_words(text), *spelled]


def held_terms(text: str) -> set[str]:
    """All words that a sentence of the source stands for, those of equal meaning included."""
    found = stems(text)
    terms = synonyms(found).union(found)
    if terms >= LEFT_OR_RIGHT or _BOTH.search(text):
        terms |= BOTH_SIDES
    return terms
