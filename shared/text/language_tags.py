"""Language tags (BCP 47, RFC 5646), and whether two of them name one language."""

import re
from collections.abc import Collection
from itertools import takewhile

from shared.text.words import word_set

_TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_PLAIN = 4
"""Characters: a script has four, a variant more."""
_UNKNOWN = frozenset(("und", "mul", "mis", "zxx"))
_TWO_LETTERS = dict(
    pair.split(":")
    for pair in word_set(
        "ara:ar zho:zh chi:zh ces:cs cze:cs dan:da nld:nl dut:nl eng:en fin:fi fra:fr fre:fr "
        "deu:de ger:de ell:el gre:el heb:he hun:hu ita:it jpn:ja kor:ko nor:no pol:pl por:pt "
        "ron:ro rum:ro rus:ru spa:es swe:sv tur:tr ukr:uk vie:vi"
    )
)
"""ISO 639-2, which C-CDA documents give, to what BCP 47 wants in its place."""


def is_tag(tag: str) -> bool:
    """Whether it is well-formed BCP 47, private and grandfathered tags apart."""
    return _TAG.fullmatch(tag) is not None


def plain_tag(tag: str) -> str | None:
    """Language, script and region, as `pt-BR` for `pt_BR-x-ward7`; None for what is no tag.

    Variants and private subtags could be any words, and what is kept is kept in the open.
    """
    tag = tag.strip().replace("_", "-")
    if not is_tag(tag):
        return None
    subtags = takewhile(lambda part: len(part) <= _LONGEST_PLAIN, tag.split("-")[:4])
    kept = takewhile(lambda part: len(part) > 1, subtags)
    return "-".join(kept) or None


def primary_subtag(tag: str) -> str | None:
    """`en` for `en-US`, `en_US` and `eng`; None for what names no language."""
    first = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    first = _TWO_LETTERS.get(first, first)
    return None if first in _UNKNOWN or not is_tag(first) else first


def is_among(language: str | None, languages: Collection[str]) -> bool:
    """Whether the primary subtag is one of theirs; so is an unknown one, and any is if none are."""
    primary = None if language is None else primary_subtag(language)
    if primary is None or not languages:
        return True
    return primary in {primary_subtag(other) for other in languages}
