"""Whether one sentence says again what another has said."""

from dataclasses import dataclass

from shared.text.numbers import numbers
from shared.text.words import TURNING_STEMS, content_words, word_set

_SHARED = 0.85
"""Share of the smaller set of content words that both must hold."""

_DENYING_STEMS = word_set("absent cannot deny neither never no none nor not negativ without")


@dataclass(frozen=True, slots=True)
class Content:
    """What a sentence says, without order: stems of its content words, and its numbers."""

    terms: frozenset[str]
    numbers: frozenset[str]


def content_of(sentence: str) -> Content:
    """A sentence without content words stands for itself, in small letters."""
    terms = frozenset(content_words(sentence)) or frozenset([sentence.strip().lower()])
    return Content(terms, frozenset(number.value for number in numbers(sentence)))


def is_contained(small: Content, large: Content) -> bool:
    """Whether `large` already says all of `small`, up to a word in seven.

    Every number has to be there, and every word that turns the meaning (`no`, `left`, `stopped`)
    has to stand in both or in neither.
    """
    if not small.numbers <= large.numbers:
        return False
    if small.terms & TURNING_STEMS != large.terms & TURNING_STEMS:
        return False
    return len(small.terms & large.terms) >= _SHARED * len(small.terms)


def is_same(left: Content, right: Content) -> bool:
    """Whether each says all of the other."""
    return is_contained(left, right) and is_contained(right, left)


def contradicts(left: Content, right: Content) -> bool:
    """Whether both speak of the same, and only one of them denies it."""
    denials = (left.terms ^ right.terms) & _DENYING_STEMS
    if not denials or (left.terms & _DENYING_STEMS and right.terms & _DENYING_STEMS):
        return False
    mine, theirs = left.terms - _DENYING_STEMS, right.terms - _DENYING_STEMS
    return len(mine & theirs) >= _SHARED * max(len(mine), len(theirs), 1)
