"""Which number of a text is a dose of which drug."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.text.drugs import Drug
from shared.text.numbers import Number

_DOSED = frozenset(("mg", "mcg", "g", "meq", "unit", "ml"))
_AFTER_NAME = 40
"""Characters between a drug and its dose."""
_OF = re.compile(r"[ ]?-?[^\W\d_]+[ ](?:of[ ])?(?:the[ ])?")
_END = re.compile(r"[.;:?!](?=\s)")


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount of a drug."""

    number: Number
    drug: Drug


def doses(text: str, numbers: Iterable[Number], drugs: Iterable[Drug]) -> Iterator[Dose]:
    """Amounts with a unit of mass, volume or potency, each with the drug that it follows.

    `20 mg of lisinopril`, too. A sentence that ends between them, or another drug, parts them.
    """
    named = list(drugs)
    starts = [drug.span.start for drug in named]
    for number in numbers:
        if number.unit in _DOSED:
            place = bisect_left(starts, number.span.start)
            before, after = named[place - 1 : place], named[place : place + 1]
            if after and " of " in (between := text[number.span.end : after[0].span.start]):
                if _OF.fullmatch(between):
                    yield Dose(number, after[0])
            elif before and _belongs(text[before[0].span.end : number.span.start]):
                yield Dose(number, before[0])


def _belongs(between: str) -> bool:
    return len(between) <= _AFTER_NAME and not _END.search(between)
