"""Faults as uploads have them, put into records that were right."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from shared.schemas.datasets import SPLITS, Split
from shared.text.numbers import numbers
from tests.bench.quality.data import Pair

Fault = Literal["verbatim", "edited", "edited by a tenth", "swapped", "number"]
MOST_EDITED = 0.1
_LEAST_EDITED = 0.02
_DIGITS = re.compile(r"(?<![\w.,/])\d+(?:\.\d+)?(?![\w/])(?!\.\d)", re.ASCII)
_STOPS = ".)"


@dataclass(frozen=True, slots=True)
class Record:
    """`of`: the record of the untouched set that it is, or is a copy of."""

    of: int
    source: str
    target: str
    split: Split
    fault: Fault | None = None
    is_copy: bool = False


def edited(record: Record, vocabulary: Sequence[str], dice: Random, share: float) -> Record:
    """A copy with that share of the words of its source, and of its target, changed."""
    source = _edited(record.source, vocabulary, dice, share, least=1)
    target = _edited(record.target, vocabulary, dice, share, least=0)
    return replace(record, source=source, target=target, is_copy=True)


def some_share(dice: Random) -> float:
    return dice.uniform(_LEAST_EDITED, MOST_EDITED)


def _edited(text: str, vocabulary: Sequence[str], dice: Random, share: float, *, least: int) -> str:
    pieces = re.split(r"(\s+)", text)
    places = [place for place, piece in enumerate(pieces) if piece.strip()]
    count = min(len(places), max(least, int(share * len(places))))
    for place in dice.sample(places, count):
        word, other = pieces[place], dice.choice(vocabulary)
        kinds = (other, "", f"{word} {other}", _mistyped(word, dice), _mistyped(word, dice))
        pieces[place] = dice.choice(kinds)
    return "".join(pieces)


def _mistyped(word: str, dice: Random) -> str:
    at = dice.randrange(len(word))
    return word[:at] + dice.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]


def number_changed(record: Record, dice: Random) -> Record | None:
    """One number of the target that its source holds becomes one that it does not hold."""
    held = {number.value for number in numbers(record.source)}
    said = {number.span.start: number.value for number in numbers(record.target)}
    places = [
        match
        for match in _DIGITS.finditer(record.target)
        if said.get(match.start()) in held and not _marks_item(record.target, match)
    ]
    if not places:
        return None
    place = dice.choice(places)
    others = [_other(place.group(), dice) for _ in range(20)]
    free = [other for other in others if numbers(other)[0].value not in {*held, *said.values()}]
    if not free:
        return None
    target = record.target[: place.start()] + free[0] + record.target[place.end() :]
    return replace(record, target=target, fault="number")


def _marks_item(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()].rstrip(" ")
    return text[match.end() : match.end() + 1] in _STOPS and before[-1:] in ("", "\n", ".", ":")


def _other(written: str, dice: Random) -> str:
    first = dice.choice("123456789")
    return first + "".join(
        dice.choice("123456789") if mark.isdigit() else mark for mark in written[1:]
    )


def untouched(pairs: Sequence[Pair], dice: Random) -> list[Record]:
    """A set as it is, shared out to splits."""
    splits = dice.choices(SPLITS, (8, 1, 1), k=len(pairs))
    return [
        Record(place, pair.source, pair.target, split)
        for place, (pair, split) in enumerate(zip(pairs, splits, strict=True))
    ]
