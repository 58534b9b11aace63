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
from functools import cached_property

from shared.text.spans import Span

_TWINS = str.maketrans(
    "абвгеёзіїјкмнорстухѕԁԛԝһαβγεηικνοπρτυχω013457@$",
    "abbreeeiijkmhopctyxsdqwhabyenikvonptuxwoieastas",
)
"""Letters and digits by the small Latin letter that they pass for."""
_BLANKS = re.compile(r"[ \n]{2,}")
_PASSES = re.compile(r"[а-яёіїјѕԁԛԝһα-ω]|\d|[@$]")
_MASKED = re.compile(r"(?<![\w@$])(?!\d+(?![\w@$]))[^\W\d_]*[а-яёіїјѕԁԛԝһα-ω\d@$][\w@$]*")
"""Words with a character that may pass for another; numbers are none."""
_LATIN = re.compile(r"[a-z]")
_LETTERS = 3
"""So many letters make a word of a token with digits: `1gn0re`, not `b12`."""
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*|/]{1,2}){11,}\w(?!\w)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_LINE_BREAKS = "\r\n\v\f\x85\u2028\u2029"
_MARKS = frozenset("*`~")
"""Emphasis; says nothing."""


class View:
    """`text` is lower-cased with single blanks, `cased` the same as it was written.

    Each character of it came from one place of the original. Not changed after construction.
    """

    def __init__(self, original: str, cased: str, text: str) -> None:
        self.cased = cased
        self.text = text
        self._original = original

    @cached_property
    def _places(self) -> list[int]:
        return _places(self._original)

    def span(self, start: int, end: int) -> Span:
        """The span of the original that shows as `text[start:end]`."""
        return Span(self._places[start], self._places[end - 1] + 1)


def views(text: str) -> Iterator[View]:
    """The text as it reads and, where that differs, with look-alikes for what they pass for."""
    cased = _single_blanks(text.translate(_SHOWN))
    plain = cased.lower()
    yield View(text, cased, plain)
    folded = _MASKED.sub(lambda match: _unmasked(match.group()), plain)
    if folded != plain:
        yield View(text, cased, folded)


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


class _Shown(dict[int, str]):
    """What is left of each character: nothing, a blank, or itself in its plain form."""

    def __missing__(self, code: int) -> str:
        shown = _shown(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = shown
        return shown


_SHOWN = _Shown()
_REMEMBERED = 8192


def _single_blanks(text: str) -> str:
    """A line break anywhere in a run of blanks makes the run one."""
    return _BLANKS.sub(lambda run: "\n" if "\n" in run.group() else " ", text.lstrip(" \n"))


def _places(text: str) -> list[int]:
    """Of each character of the text in single blanks, where it stood."""
    places: list[int] = []
    blank = True
    for place, character in enumerate(text):
        for piece in _SHOWN[ord(character)]:
            if piece not in " \n" or not blank:
                places.append(place)
            blank = piece in " \n"
    return places


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
    plain = unicodedata.normalize("NFKC", character)
    # Of two characters in lower case, unlike all others: one place would become two.
    return plain.replace("\u0130", "I")


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
