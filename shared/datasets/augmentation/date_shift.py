"""The dates of a record, all moved by one number of days."""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from shared.datasets.augmentation.edits import Edit, edited
from shared.text.dates import as_date
from shared.text.numbers import Number, numbers

_MOST_DAYS = 365
_TIED = re.compile(
    r"(?i:\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:yesterday|tomorrow|tonight)\b"
    r"|\b(?:last|next|this|past|previous|coming|earlier|later|mid|early|late)[ -]"
    r"(?:week|month|year|spring|summer|fall|autumn|winter)"
    r"|\b(?:spring|summer|autumn|winter|christmas|thanksgiving|easter|halloween|new year|ramadan"
    r"|holidays?)\b"
    r"|\bthe \d{1,2}(?:st|nd|rd|th)\b)"
    r"|\b(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)\b"
    r"|(?<!\d)['\u2019]\d\d\b|\b\d0s\b|\b(?:19|20)\d{6}\b|\b(?:19|20)\d\d(?:s|-|/|T)"
)
"""What would no longer fit a date that has moved."""
_MONTH_NAME = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b"
    r"|\b(?:january|february|april|june|july|august|september|october|november|december"
    r"|(?:in|on|since|of|until|by|last|from|before|after|around) (?:march|may))\b"
)
_YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")
_Part = Literal["year", "month", "day"]
_FIELDS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_DAYS, _MONTHS = 31, 12
_GRADES = frozenset((5, 6, 10))
"""Of strength, murmurs and pain."""
_DATED = re.compile(
    r"\b(?:since|until|till|through|dated?|before|after|from|on|by|visit)[ :]{1,2}$", re.IGNORECASE
)
_BEFORE = 12


def shift_dates(texts: list[str], chance: random.Random) -> list[str]:
    """The texts of one record with their dates moved; the way each is written stays.

    They are returned as they are where they hold no date, or anything of time that is no full date
    and tied to one: weekdays, seasons, years, months and days by themselves.
    """
    days = chance.randrange(1, _MOST_DAYS + 1) * chance.choice((-1, 1))
    found = [_dates(text) for text in texts]
    if not any(found) or any(
        _is_tied(text, dated) for text, dated in zip(texts, found, strict=True)
    ):
        return texts
    shifted = []
    for text, dated in zip(texts, found, strict=True):
        edits: list[Edit] = []
        for number, day in dated:
            new = _rewritten(number.span.of(text), day, day + timedelta(days))
            if new is None:
                return texts
            edits.append((number.span, new))
        shifted.append(edited(text, edits))
    return shifted


def _dates(text: str) -> list[tuple[Number, date]]:
    return [
        (number, day)
        for number in numbers(text)
        if as_date(number) and (day := _day(number)) is not None
    ]


def _day(number: Number) -> date | None:
    """None for a date that leaves something open, or that there is not."""
    try:
        return date.fromisoformat(number.value)
    except ValueError:
        return None


def _is_tied(text: str, dated: list[tuple[Number, date]]) -> bool:
    """Whether anything in it speaks of time beside the full dates."""
    rest = edited(text, ((number.span, " ; ") for number, _ in dated))
    return bool(
        _TIED.search(rest)
        or _MONTH_NAME.search(rest)
        or _YEAR.search(rest)
        or any(_may_be_date(rest, number) for number in numbers(rest))
    )


def _may_be_date(text: str, number: Number) -> bool:
    """`3/7` and `since 3/5` may be days of March; a grade of 5, 6 or 10 at most is none."""
    if as_date(number):
        return True
    if "/" not in number.value or len(number.parts) != 2:  # noqa: PLR2004 - month and day
        return False
    fields = [int(part) for part in number.parts if part.isdecimal()]
    if len(fields) != len(number.parts) or number.unit is not None:
        return False
    if not (1 <= fields[0] <= _MONTHS and 1 <= fields[1] <= _DAYS):
        return False
    before = text[max(0, number.span.start - _BEFORE) : number.span.start]
    return fields[1] not in _GRADES or _DATED.search(before) is not None


def _rewritten(written: str, day: date, moved: date) -> str | None:
    """The new date as the old one is written; None where that leaves a doubt."""
    fields = _FIELDS.findall(written)
    name = next((word for word in _LETTERS.findall(written) if len(word) > 2), None)  # noqa: PLR2004 - not `th`
    if name is not None:
        return _with_month_name(written, name, moved)
    order = _order(fields, day)
    if order is None:
        return None
    padded = all(len(field) > 1 for field in fields)
    new = iter(
        _field(moved, part, len(old), padded) for part, old in zip(order, fields, strict=True)
    )
    result = _FIELDS.sub(lambda _: next(new), written)
    return result if [number.value for number in numbers(result)] == [moved.isoformat()] else None


def _order(fields: list[str], day: date) -> tuple[_Part, _Part, _Part] | None:
    """None for a day before a month: of others of the text one could not be sure."""
    if int(fields[0]) == day.year:
        return ("year", "month", "day")
    return ("month", "day", "year") if int(fields[0]) == day.month else None


def _field(day: date, part: _Part, width: int, padded: bool) -> str:  # noqa: FBT001 - of a format
    if part == "year":
        return f"{day.year % 100:02}" if width == 2 else str(day.year)  # noqa: PLR2004 - `21`
    value = day.month if part == "month" else day.day
    return f"{value:02}" if padded else str(value)


def _with_month_name(written: str, name: str, moved: date) -> str | None:
    """`March 5th, 2021`, `05 Mar 2021`; numbers end as their ordinals do."""
    full = moved.strftime("%B")
    month = full if len(name) > 3 and name.lower() != "sept" else full[:3]  # noqa: PLR2004 - `Mar`
    month = month.upper() if name.isupper() else month.lower() if name.islower() else month
    result = "".join(_pieces(written, name, month, moved))
    return result if [number.value for number in numbers(result)] == [moved.isoformat()] else None


def _pieces(written: str, name: str, month: str, moved: date) -> Iterator[str]:
    for piece in re.findall(r"\d+(?:st|nd|rd|th)?|[^\W\d_]+|[\W_]+", written):
        if piece == name:
            yield month
        elif piece.isdigit() and len(piece) == 4:  # noqa: PLR2004 - the year
            yield str(moved.year)
        elif piece[0].isdigit():
            digits = _FIELDS.match(piece)
            yield (
                f"{moved.day}{_ordinal(moved.day) if not piece.isdigit() else ''}"
                if (digits is None or digits.group()[0] != "0")
                else f"{moved.day:02}"
            )
        else:
            yield piece


def _ordinal(day: int) -> str:
    if day in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
