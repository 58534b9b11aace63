"""The words of a text that carry its content.

Light on purpose: lower case, a small English stop list that keeps every negation, and endings taken
off so that `presents`, `presented` and `presenting` meet. A text of another language loses nothing
but the stop list; Chinese and Japanese, which write no spaces, count by the character.
"""

import re
from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """A list of words kept as running text."""
    return frozenset(text.split())


STOP_WORDS = word_set(
    "a about after again all also am an and any are as at be because been before being both but by "
    "can could did do does doing due during each for from further had has have having he her here "
    "hers him his how i if in into is it its just me more most my of on once only or other our out "
    "over own she should so some such than that the their them then there these they this those "
    "through to too under until up very was we were what when where which while who whom why will "
    "with would you your"
)
"""Words that say nothing about what a sentence is about. No negation is among them."""

TURNING_STEMS = word_set(
    "absent bilateral bilaterally continu decreas deny discontinu except improv increas left lower "
    "negativ neither never no none nor normal not positiv resolv right start stop upper without "
    "worsen abnormal cannot"
)
"""Sentences that differ in one of these say different things, however alike they are."""

IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{IDEOGRAPHS}]|[^\W\d_{IDEOGRAPHS}](?:[^\W_{IDEOGRAPHS}]|['\u2019](?=\w))*")
_VOWEL = re.compile(r"[aeiouy]")
_SYLLABLE = re.compile(r"[^\W\daeiou_][aeiou][^\W\daeiouwxy_]")
_SHORT = 3


def words(text: str) -> list[str]:
    """All words, lower-cased; a word begins with a letter (`b12`), numbers are not among them."""
    return _WORD.findall(text.lower())


def content_words(text: str) -> list[str]:
    """The stems of the words that are no stop words, in order, repetitions kept."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The word without `'s`, a plural, `-ed`, `-ing` or a last `e`: far weaker than Porter's.

    Words of up to three letters stay whole, so `noting` never meets `not`.
    """
    word = word.removesuffix("'s").removesuffix("\u2019s")
    if len(word) <= _SHORT:
        return word
    word = _singular(word)
    if word.endswith(("ied", "ying")):
        return word.removesuffix("ied").removesuffix("ying") + "y"
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= _SHORT and _VOWEL.search(root):
            return _mended(root)
    return word.removesuffix("e") if len(word) > _SHORT + 1 else word


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _mended(root: str) -> str:
    """`stopp` → `stop`, `not` → `note` (else the t had doubled), `presente` → `present`."""
    if root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    if _SYLLABLE.fullmatch(root):
        return root + "e"
    return root
