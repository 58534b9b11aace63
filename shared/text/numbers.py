"""Numbers of a note, written one way: `1,000` and `1000`, `.5` and `0.50`, `two` and `2` are equal.

A compound (`120/80`, `11:30`, a date) is one mention that stands only for itself; what it is made
of are its `parts`. Numeric dates are read month first, as in the United States, unless that cannot
be. Digits glued to letters (`B12`, `COVID-19`) belong to a word and are no numbers.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from shared.text.number_words import number_words
from shared.text.spans import Span

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
_UNITS = {
    "%": "%", "percent": "%", "mg": "mg", "mgs": "mg", "milligram": "mg", "milligrams": "mg",
    "mcg": "mcg", "µg": "mcg", "μg": "mcg", "ug": "mcg", "microgram": "mcg", "micrograms": "mcg",
    "g": "g", "gm": "g", "gms": "g", "gram": "g", "grams": "g", "kg": "kg", "kilogram": "kg",
    "kilograms": "kg", "lb": "lb", "lbs": "lb", "pound": "lb", "pounds": "lb", "oz": "oz",
    "ml": "ml", "cc": "ml", "milliliter": "ml", "milliliters": "ml", "l": "l", "liter": "l",
    "liters": "l", "mm": "mm", "millimeter": "mm", "millimeters": "mm", "cm": "cm",
    "centimeter": "cm", "centimeters": "cm", "mmhg": "mmhg", "meq": "meq", "unit": "unit",
    "units": "unit", "iu": "unit", "minute": "minute", "minutes": "minute", "min": "minute",
    "hour": "hour", "hours": "hour", "hr": "hour", "hrs": "hour", "day": "day", "days": "day",
    "week": "week", "weeks": "week", "wk": "week", "wks": "week", "month": "month",
    "months": "month", "mo": "month", "year": "year", "years": "year", "yr": "year", "yrs": "year",
}  # fmt: skip
_UNIT = re.compile(r"[ \t\n]?-?[ ]?(%|[^\W\d_]+)")
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
        self._units: dict[str, set[str | None]] = defaultdict(set)
        self._parts: set[str] = set()
        for number in source:
            self._units[number.value].add(number.unit)
            self._parts.update(number.parts)

    def __contains__(self, number: Number) -> bool:
        """Whether the source holds it: by itself, as part of a compound, or all its parts singly.

        A unit counts only where both sides name one: `25 b.i.d.` holds `25 mg`, `25 kg` does not.
        """
        units = self._units.get(number.value)
        if units:
            return number.unit is None or None in units or number.unit in units
        if number.value in self._parts:
            return True
        return bool(number.parts[1:]) and all(part in self._units for part in number.parts)


def numbers(text: str) -> list[Number]:
    """All numbers, in order of their place; spans hold the number without its unit."""
    found = [_mention(text, match) for match in _MENTION.finditer(text)]
    found += [
        Number(span, normalized(value), _unit(text, span.end)) for span, value in number_words(text)
    ]
    return sorted(found, key=lambda number: number.span)


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
    return Number(span, "/".join(parts), _unit(text, span.end), parts)


def _plain(text: str, span: Span) -> Number:
    written = span.of(text)
    parts = tuple(normalized(part) for part in written.lstrip("-").split(",") if part)
    decimal_comma = len(parts) == 2 and not re.search(r",\d{3}", written)  # noqa: PLR2004 - `2,5`
    value = normalized(written.replace(",", "." if decimal_comma else ""))
    if decimal_comma:
        return Number(span, value, _unit(text, span.end), parts)
    return Number(span, value, _unit(text, span.end), (value[1:],) if value[0] == "-" else ())


def normalized(written: str) -> str:
    """`007.50` → `7.5`. No `float`: a number of any length keeps its digits."""
    sign = "-" if written.startswith("-") else ""
    whole, _, fraction = written.lstrip("-").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0.")
    return sign + (f"{whole}.{fraction}" if fraction else whole)


def _unit(text: str, end: int) -> str | None:
    match = _UNIT.match(text, end)
    return _UNITS.get(match[1].lower()) if match else None
