# ruff: noqa: RUF001 - look-alikes are its subject
"""A text as a language model reads it through what hides words from a search, with places.

Compatibility forms (NFKC), zero-width characters, letters of another script that look alike,
digits for letters, letters spaced out, and base64.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from shared.text.spans import Span

_TWINS = str.maketrans(
    "абвгеёзіїјкмнорстухѕԁԛԝһαβγεηικνοπρτυχω013457@$",
    "abbreeeiijkmhopctyxsdqwhabyenikvonptuxwoieastas",
)
"""Letters and digits by the small Latin letter that they pass for."""
_WORD = re.compile(r"[\w@$]+")
_PASSES = re.compile(r"[а-яёіїјѕԁԛԝһα-ω]|\d|[@$]")
_LATIN = re.compile(r"[a-z]")
_LETTERS = 3
"""So many letters make a word of a token with digits: `1gn0re`, not `b12`."""
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*|/]{1,2}){11,}\w(?!\w)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_LINE_BREAKS = "\r\n\v\f\x85\u2028\u2029"
_MARKS = frozenset("*`~")
"""Emphasis; says nothing."""


@dataclass(frozen=True, slots=True)
class View:
    """`text` is lower-cased with single blanks; `places[i]` is where its character i came from."""

    text: str
    places: list[int]

    def span(self, start: int, end: int) -> Span:
        """The span of the original that shows as `text[start:end]`."""
        return Span(self.places[start], self.places[end - 1] + 1)


def views(text: str) -> Iterator[View]:
    """The text as it reads and, where that differs, with look-alikes for what they pass for."""
    plain = _plain(text)
    yield plain
    folded = _WORD.sub(lambda match: _unmasked(match.group()), plain.text)
    if folded != plain.text:
        yield View(folded, plain.places)


def spaced_out(text: str) -> Iterator[tuple[Span, str]]:
    """Runs of a dozen or more single letters, and what they spell (without blanks)."""
    for match in _SPACED.finditer(text):
        letters = "".join(filter(str.isalnum, match.group().lower()))
        yield Span(match.start(), match.end()), letters


def encoded(text: str) -> Iterator[tuple[Span, str]]:
    """Words in base64 that hold readable text, and that text."""
    for match in _BASE64.finditer(text):
        digits = match.group().rstrip("=")
        digits = digits[: len(digits) - (len(digits) % 4 == 1)]
        try:
            inner = base64.b64decode(digits + "=" * (-len(digits) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if "\0" not in inner:
            yield Span(match.start(), match.end()), inner


def _plain(text: str) -> View:
    shown: list[str] = []
    places: list[int] = []
    blank = "\n"
    for place, character in enumerate(text):
        for piece in _shown(character):
            if piece.isspace():
                if blank:
                    # A line break anywhere in a run of blanks makes the run one.
                    if piece == "\n" and shown:
                        shown[-1] = piece
                    continue
                blank = piece
            else:
                blank = ""
            shown.append(piece)
            places.append(place)
    return View("".join(shown), places)


@lru_cache(maxsize=8192)
def _shown(character: str) -> str:
    if character in _MARKS or unicodedata.category(character) == "Cf":
        return ""
    if character == "_" or (character.isspace() and character not in _LINE_BREAKS):
        return " "
    if character in _LINE_BREAKS:
        return "\n"
    if character in "\u2018\u2019\u201a\u201b":
        return "'"
    if character in "\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d":
        return '"'
    return unicodedata.normalize("NFKC", character).lower()


def _unmasked(word: str) -> str:
    """The word in Latin letters, if it can be one and is not plainly one already."""
    if word.isascii() and word.isalpha():
        return word
    if not _PASSES.search(word) or word.isdecimal():
        return word
    folded = word.translate(_TWINS)
    if len(folded) != len(word) or not (folded.isascii() and folded.isalpha()):
        return word
    return folded if not word.isascii() or len(_LATIN.findall(word)) >= _LETTERS else word
