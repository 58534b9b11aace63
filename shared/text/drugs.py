"""Drugs named in a text, whatever the name: brand, salt, abbreviation or spelling abroad."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shared.text.inn_stems import is_drug_like
from shared.text.spans import Span
from shared.text.words import word_set

_NAMES = Path(__file__).with_name("drugs.toml")
_WORD = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]{2,})*")
_ALSO_WORDS = word_set("versed soma nitro inh ptu mtx asa nph centrum mobic sensorcaine")
"""They name a drug only where written with a capital, away from the beginning of a sentence."""


@dataclass(frozen=True, slots=True)
class Drug:
    """A mention; `ingredients` are those of the product, in lower case."""

    span: Span
    name: str
    ingredients: frozenset[str]


@lru_cache(maxsize=1)
def ingredients_by_name() -> Mapping[str, frozenset[str]]:
    """Every known name to what is in it."""
    found: dict[str, frozenset[str]] = {}
    for line in tomllib.loads(_NAMES.read_text(encoding="utf-8"))["names"].splitlines():
        ingredient, _, names = line.partition(": ")
        held = frozenset(ingredient.split("+"))
        for name in names.split():
            found[name] = held
        for single in held:
            found[single] = frozenset([single])
    return found


def drugs(text: str) -> Iterator[Drug]:
    """All drugs of the text, in order."""
    known = ingredients_by_name()
    for match in _WORD.finditer(text):
        name = match.group().lower()
        held = known.get(name) or known.get(name.partition("-")[0])
        if held is None and is_drug_like(name):
            held = frozenset([name])
        if held is not None and not (name in _ALSO_WORDS and _is_plain_word(text, match)):
            yield Drug(Span(*match.span()), name, held)


def _is_plain_word(text: str, match: re.Match[str]) -> bool:
    if not match.group()[0].isupper():
        return True
    before = text[: match.start()].rstrip()
    return not before or before[-1] in ".!?\n:"
