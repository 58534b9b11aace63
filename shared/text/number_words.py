"""English number words: `seventy six`, `nineteen ninety-five`, `tenth`, `zero point six`."""

import re
from collections.abc import Iterator

from shared.text.spans import Span
from shared.text.words import word_set

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1_000}
_VALUES = (
    {word: value for value, word in enumerate(_UNITS)}
    | {word: 20 + 10 * value for value, word in enumerate(_TENS)}
    | _ORDINALS
)
_WORD = re.compile(rf"\b(?:{'|'.join([*_VALUES, *_SCALES, 'point'])})\b", re.IGNORECASE)
_JOINT = re.compile(r"[ \t\n]{1,3}(?:and[ \t\n])?|-")
_LAST_WORD = re.compile(r"([^\W\d_]+)[ ]$")
_LOOK_BACK = 20
_WHAT_POINT = word_set(
    "a an any at data end entry exit focal high low main mid no one power pressure some starting "
    "that the this trigger turning what which"
)
_CENTURY = range(13, 21)
_TEN = 10


def number_words(text: str) -> Iterator[tuple[Span, str]]:
    """Every number written in words, with its value in digits, in order."""
    for run in _runs(text):
        while run and run[-1].group().lower() == "point":  # `at one point`
            run.pop()
        yield from _read(run)


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Number words with nothing but a space, a hyphen or `and` between them."""
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        if not match.group().isascii():  # `s\u0131x`: a dotless i matches whatever the case
            continue
        if run and not _JOINT.fullmatch(text, run[-1].end(), match.start()):
            yield run
            run = []
        if run or match.group().lower() != "point" or _begins_a_fraction(text, match):
            run.append(match)
    if run:
        yield run


def _begins_a_fraction(text: str, point: re.Match[str]) -> bool:
    """`point five milligrams`, not `at this point five of them` or `the point`."""
    before = _LAST_WORD.search(text[max(0, point.start() - _LOOK_BACK) : point.start()])
    after = _WORD.match(text, point.end() + 1)
    digit = after is not None and _VALUES.get(after.group().lower(), _TEN) < _TEN
    return digit and (before is None or before[1].lower() not in _WHAT_POINT)


def _read(run: list[re.Match[str]]) -> Iterator[tuple[Span, str]]:
    """One run may hold several numbers: `two three` is 2 and 3, `nineteen ninety` is 1990."""
    value, first = _Value(), 0
    for place, match in enumerate(run):
        if not value.takes(match.group().lower()):
            yield Span(run[first].start(), run[place - 1].end()), str(value)
            value, first = _Value(), place
            value.takes(match.group().lower())
    if run:
        yield Span(run[first].start(), run[-1].end()), str(value)


class _Value:
    """A number while its words are read."""

    def __init__(self) -> None:
        self._thousands = 0
        self._rest: int | None = None
        self._fraction: str | None = None

    def __str__(self) -> str:
        whole = self._thousands + (self._rest or 0)
        return f"{whole}.{self._fraction}" if self._fraction else str(whole)

    def takes(self, word: str) -> bool:
        """Reads one more word, or says that it belongs to the next number."""
        if word == "point":
            fits = self._fraction is None
            self._fraction = self._fraction or ""
            return fits
        if self._fraction is not None:
            digit = _VALUES.get(word, _TEN)
            self._fraction += str(digit) if digit < _TEN else ""
            return digit < _TEN
        return self._scale(word) if word in _SCALES else self._add(_VALUES[word])

    def _scale(self, word: str) -> bool:
        rest, scale = 1 if self._rest is None else self._rest, _SCALES[word]
        if rest >= scale or (word == "thousand" and self._thousands):
            return False
        if word == "thousand":
            self._thousands, self._rest = rest * scale, 0
        else:
            self._rest = rest * scale
        return True

    def _add(self, value: int) -> bool:
        rest, two_digits = self._rest, value >= _TEN
        if rest is None:
            self._rest = value
        elif rest in _CENTURY and two_digits and not self._thousands:
            self._rest = rest * 100 + value
        elif rest % 100 == 0 or (not two_digits and rest % _TEN == 0 and rest % 100 != _TEN):
            self._rest = rest + value
        else:  # `ten six` is 10 and 6
            return False
        return True
