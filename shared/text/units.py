"""Units of measure, written one way, and what an amount is in another unit."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

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
UNIT_WORDS = frozenset(_UNITS)
"""Every unit as it is written, lower-cased."""
_UNIT = re.compile(r"[ \t\n]?-?[ ]?(%|[^\W\d_]+)")
_TIMES = {
    ("g", "mg"): 1000, ("mg", "mcg"): 1000, ("kg", "g"): 1000, ("l", "ml"): 1000, ("cm", "mm"): 10,
    ("week", "day"): 7, ("day", "hour"): 24, ("year", "month"): 12, ("hour", "minute"): 60,
}  # fmt: skip
"""How often the second is contained in the first."""
_LONGEST = 12
"""Digits of an amount that is worth converting."""


def unit_at(text: str, end: int) -> str | None:
    """The unit of the number that ends there."""
    match = _UNIT.match(text, end)
    return _UNITS.get(match[1].lower()) if match else None


def equivalents(value: str, unit: str) -> Iterator[tuple[str, str]]:
    """The same amount in other units: `1` `g` is `1000` `mg`, `14` `day` is `2` `week`."""
    try:
        amount = Decimal(value) if len(value) <= _LONGEST else None
    except InvalidOperation:
        return
    if amount is None:
        return
    for (large, small), times in _TIMES.items():
        if unit == large:
            yield f"{(amount * times).normalize():f}", small
        elif unit == small and amount * 1000 % times == 0:
            yield f"{(amount / times).normalize():f}", large
