"""Numbers of a note, written one way: `1,000` and `1000`, `.5` and `0.50`, `two` and `2` are equal.

A compound (`120/80`, `11:30`, a date) is one mention that stands only for itself; what it is made
of are its `parts`. Numeric dates are read month first, as in the United States, unless that cannot
be. Digits glued to letters (`B12`, `COVID-19`) belong to a word and are no numbers.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.text.number_words import number_words
from shared.text.spans import Span
from shared.text.units import unit_at

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:,?[ ]+(?P<{}>(?:1[89]|20)\d\d)\b)?"
_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
_MENTION = re.compile(
    rf"""
    (?<!\w) (?<![A-Za-z][-.])
    (?: (?P<month_name>{_MONTH})[ ]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\w|[/.]\d)
        {_YEAR.format("year")}
      | (?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?[ ]+(?:of[ ]+)?(?P<month_after>{_MONTH})
        {_YEAR.format("year_after")}
      | (?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})(?![\w-])
      | (?P<date>\d{{1,2}}([/-])\d{{1,2}}\9(?:\d{{4}}|\d\d))(?![\w/-])
      | (?P<time>\d{{1,2}}:\d\d)(?!\d)
      | (?P<ratio>\d+(?:\.\d+)?(?:[ ]?/[ ]?|[ ]over[ ])\d+(?:\.\d+)?)
      | (?P<plain>(?:(?<=[ (])-)?{_PLAIN})
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?<!\w)x(\d{1,3})(?=[ ](?:minutes?|hours?|days?|weeks?|months?|years?)\b)", re.IGNORECASE
)
"""`fever x2 days`; a bare `x2` stays a word."""
_RANGE = re.compile(r"[ ]?[-\u2013/][ ]?|[ ](?:to|or|and)[ ](?:an?[ ])?")
_PIVOT = 50
"""Two-digit years below are of this century."""
_DAYS = 31


@dataclass(frozen=True, slots=True)
class Number:
    """`value` is normalized, `unit` one of a small set, `parts` the numbers of a compound."""

    span: Span
    value: str
    unit: str | None = None
    parts: tuple[str, ...] = ()


class KnownNumbers:
    """The numbers of a source, for asking which numbers of a summary stand in it."""

    def __init__(self, source: Iterable[Number]) -> None:
        self._mentions: dict[str, list[Number]] = defaultdict(list)
        self._holders: dict[str, list[Number]] = defaultdict(list)
        self.all = list(source)
        last: Number | None = None
        for number in self.all:
            self._mentions[number.value].append(number)
            for part in number.parts:
                self._holders[part].append(number)
            if last is not None and (joined := _joined(last, number)):
                span = Span(last.span.start, number.span.end)
                self._mentions[joined].append(Number(span, joined, number.unit))
            last = number

    def within(self, span: Span) -> list[Number]:
        """Those that begin in a span."""
        first, last = (bisect_left(self.all, at, key=_start) for at in (span.start, span.end))
        return self.all[first:last]

    def mentions(self, number: Number) -> list[Number]:
        """Where the source holds it: by itself, else as part of a compound, else all its parts."""
        found = self._at(number.value)
        if found or not number.parts[1:]:
            return found
        parts = [self._mentions.get(part, []) for part in number.parts]
        return parts[0] if all(parts) else []

    def __contains__(self, number: Number) -> bool:
        """Whether the source holds it: by itself, as part of a compound, or all its parts singly.

        A unit counts only where both sides name one: `25 b.i.d.` holds `25 mg`, `25 kg` does not.
        """
        return any(fits(number, mention) for mention in self.mentions(number))

    def _at(self, value: str) -> list[Number]:
        return self._mentions.get(value) or self._holders.get(value) or []


def _start(number: Number) -> int:
    return number.span.start


def fits(number: Number, mention: Number) -> bool:
    """Whether the units agree; the unit of a compound is not that of its parts."""
    if None in {number.unit, mention.unit} or number.value != mention.value:
        return True
    return number.unit == mention.unit


def _joined(first: Number, second: Number) -> str | None:
    """What two numbers say as one where they are spoken: `one forty` is 140."""
    near = second.span.start - first.span.end == 1
    spoken = len(first.value) == 1 and second.value.isdecimal() and len(second.value) == 2  # noqa: PLR2004 - tens
    return first.value + second.value if near and spoken and first.value.isdecimal() else None


def numbers(text: str) -> list[Number]:
    """All numbers, in order of their place; spans hold the number without its unit."""
    found = [_mention(text, match) for match in _MENTION.finditer(text)]
    found += [
        Number(span, normalized(value), unit_at(text, span.end))
        for span, value in number_words(text)
    ]
    found += [
        Number(Span(*match.span(1)), normalized(match[1]), unit_at(text, match.end()))
        for match in _TIMES.finditer(text)
    ]
    return _with_units_of_ranges(text, sorted(found, key=_start))


def _with_units_of_ranges(text: str, found: list[Number]) -> list[Number]:
    """In `2 to 3 weeks` both are of weeks."""
    for place in range(len(found) - 2, -1, -1):
        first, second = found[place], found[place + 1]
        between = text[first.span.end : second.span.start]
        if first.unit is None and second.unit is not None and _RANGE.fullmatch(between):
            found[place] = replace(first, unit=second.unit)
    return found


def _mention(text: str, match: re.Match[str]) -> Number:
    span = Span(match.start(), match.end())
    kind = match.lastgroup
    if name := match["month_name"] or match["month_after"]:
        day, year = match["day"] or match["day_first"], match["year"] or match["year_after"]
        month = _MONTHS.index(name[:3].lower()) + 1
        return _date(span, year, month, int(day))
    if match["iso"] or match["date"]:
        return _numeric_date(span, [int(part) for part in re.findall(r"\d+", match.group())])
    if kind in {"time", "ratio"}:
        return _compound(text, span, kind)
    return _plain(text, span)


def _numeric_date(span: Span, fields: list[int]) -> Number:
    if fields[0] > _DAYS:
        return _date(span, str(fields[0]), fields[1], fields[2])
    month, day, year = fields
    if month > len(_MONTHS):
        month, day = day, month
    if year < 100:  # noqa: PLR2004 - two digits
        year += 2000 if year < _PIVOT else 1900
    return _date(span, str(year), month, day)


def _date(span: Span, year: str | None, month: int, day: int) -> Number:
    """ISO 8601; without a year `--05-03`."""
    if year is None:
        return Number(span, f"--{month:02}-{day:02}", None, (str(day),))
    return Number(span, f"{year}-{month:02}-{day:02}", None, (str(day), year))


def _compound(text: str, span: Span, kind: str) -> Number:
    parts = tuple(normalized(part) for part in re.findall(r"[\d.]+", span.of(text)))
    if kind == "time":
        hour, minute = span.of(text).split(":")
        value = normalized(hour) if int(minute) == 0 else f"{int(hour)}:{minute}"
        return Number(span, value, None, parts)
    return Number(span, "/".join(parts), unit_at(text, span.end), parts)


def _plain(text: str, span: Span) -> Number:
    written = span.of(text)
    parts = tuple(normalized(part) for part in written.lstrip("-").split(",") if part)
    decimal_comma = len(parts) == 2 and not re.search(r",\d{3}", written)  # noqa: PLR2004 - `2,5`
    value = normalized(written.replace(",", "." if decimal_comma else ""))
    if decimal_comma:
        return Number(span, value, unit_at(text, span.end), parts)
    return Number(span, value, unit_at(text, span.end), (value[1:],) if value[0] == "-" else ())


def normalized(written: str) -> str:
    """`007.50` → `7.5`. No `float`: a number of any length keeps its digits."""
    sign = "-" if written.startswith("-") else ""
    whole, _, fraction = written.lstrip("-").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0.")
    return sign + (f"{whole}.{fraction}" if fraction else whole)
