"""Dates among the numbers of a text, whichever way they are written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.text.numbers import Number

_DAY = re.compile(r"(\d{4}|-)-(\d\d)-(\d\d)")
_MONTH = re.compile(r"(1[0-2]|[1-9])/((?:19|20)\d\d)")
_MONTHS = re.compile(
    r"\b(?:(jan)|(feb)|(mar)|(apr)|(may)|(jun)|(jul)|(aug)|(sep)|(oct)|(nov)|(dec))[a-z]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Date:
    """A day of a year, a day of any year, or a month of a year."""

    year: str | None
    month: int
    day: int | None

    def agrees(self, other: "Date") -> bool:
        """Whether both may be one day; what one leaves open is not held against the other."""
        same_year = None in {self.year, other.year} or self.year == other.year
        same_day = None in {self.day, other.day} or self.day == other.day
        return same_year and same_day and self.month == other.month


def as_date(number: Number) -> Date | None:
    """The date that a number is, `03/2021` included; None for any other number."""
    if match := _DAY.fullmatch(number.value):
        return Date(None if match[1] == "-" else match[1], int(match[2]), int(match[3]))
    if match := _MONTH.fullmatch(number.value):
        return Date(match[2], int(match[1]), None)
    return None


class KnownDates:
    """The dates of a source, also where they are spoken: `march third`, `june twenty twenty`."""

    def __init__(self, text: str, numbers: Iterable[Number]) -> None:
        found = list(numbers)
        self._dates = [date for number in found if (date := as_date(number))]
        self._values = {number.value for number in found}.union(*(n.parts for n in found))
        self._months = {match.lastindex for match in _MONTHS.finditer(text)}

    def __contains__(self, date: Date) -> bool:
        if any(date.agrees(other) for other in self._dates):
            return True
        parts = {str(part) for part in (date.year, date.day) if part is not None}
        if date.month in self._months:
            return parts <= self._values
        return date.day is not None and f"{date.month}/{date.day}" in self._values
