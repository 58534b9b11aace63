"""The words of a text that carry its content.

Light on purpose: lower case, a small English stop list that keeps every negation, and endings taken
off so that `presents`, `presented` and `presenting` meet. A text of another language loses nothing
but the stop list; Chinese and Japanese, which write no spaces, count by the character.
"""

import re
from functools import lru_cache

STOP_WORDS = frozenset(
    "a about after again all also am an and any are as at be because been before being both but by "
    "can could did do does doing due during each for from further had has have having he her here "
    "hers him his how i if in into is it its just me more most my of on once only or other our out "
    "over own she should so some such than that the their them then there these they this those "
    "through to too under until up very was we were what when where which while who whom why will "
    "with would you your".split()
)
"""Words that say nothing about what a sentence is about. No negation is among them."""

REPORTING_WORDS = frozenset(
    "admit complain deny describe note patient pt present report state today year old yr".split()
)
"""Stems that every clinical sentence may hold; `deny` negates and is not to be dropped elsewhere."""

_IDEOGRAPHS = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W\d_{_IDEOGRAPHS}](?:[^\W_{_IDEOGRAPHS}]|['’](?=\w))*")
_VOWEL = re.compile(r"[aeiouy]")


def words(text: str) -> list[str]:
    """All words, lower-cased; a word begins with a letter (`b12`), numbers are not among them."""
    return _WORD.findall(text.lower())


def content_words(text: str) -> list[str]:
    """The stems of the words that are no stop words, in order, repetitions kept."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The word without `'s`, a plural, `-ed` or `-ing`: weaker than Porter's, and it never joins
    `operate` with `opera`."""
    word = word.removesuffix("'s").removesuffix("’s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ied", "ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2 and _VOWEL.search(root):
            return _mended(root, ending)
    return word.removesuffix("e") if len(word) > 4 else word


def _mended(root: str, ending: str) -> str:
    if ending == "ied":
        return root + "y"
    if root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    return root.removesuffix("e") if len(root) > 4 else root
