"""Parts of the examples: by note type, by length, by time, by site.

A part of fewer than five examples says little of how a candidate does, and may say whose they are:
such parts are taken together.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

By = Literal["note_type", "length", "time", "site"]
OTHERS = "others"
FEWEST = 5
_MOST = 12
"""Parts of one kind; those with the fewest examples are taken together."""
_LONGEST = 64
_MONTH = re.compile(r"((?:19|20)\d\d)(?:-?(0[1-9]|1[0-2]))?")
_THIRDS = ("short", "middle", "long")


class Part(NamedTuple):
    by: By
    value: str
    places: list[int]
    """Of the examples, as they were given."""


def cut(lengths: Sequence[int], labels: Sequence[Mapping[str, str]]) -> Iterator[Part]:
    """Those parts of which there is more than one. `lengths`: of the sources, in characters."""
    yield from _parts("note_type", [label["note_type"] for label in labels])
    if len(lengths) >= len(_THIRDS) * FEWEST:
        yield from _parts("length", _thirds(lengths))
    yield from _parts("time", _periods([label["time"] for label in labels]))
    yield from _parts("site", [label["site"][:_LONGEST] for label in labels])


def _parts(by: By, values: Sequence[str]) -> Iterator[Part]:
    counts = Counter(value for value in values if value)
    named = {value for value, count in counts.most_common(_MOST) if count >= FEWEST}
    places: dict[str, list[int]] = {value: [] for value in sorted(named)}
    for place, value in enumerate(values):
        if value:
            places.setdefault(value if value in named else OTHERS, []).append(place)
    if len(places) > 1:
        order = (*_THIRDS, OTHERS) if by == "length" else tuple(places)
        for value in order:
            if value in places:
                yield Part(by, value, places[value])


def _thirds(lengths: Sequence[int]) -> list[str]:
    order = sorted(lengths)
    low, high = order[len(order) // 3], order[2 * len(order) // 3]
    if low == high:
        return [""] * len(lengths)
    return [
        _THIRDS[0] if length < low else _THIRDS[2] if length >= high else _THIRDS[1]
        for length in lengths
    ]


def _periods(times: Sequence[str]) -> list[str]:
    """Years, or months where all are of one year; of what is no date, nothing."""
    found = [_MONTH.match(time) for time in times]
    years = {match[1] for match in found if match}
    if len(years) > 1:
        return [match[1] if match else "" for match in found]
    return [f"{match[1]}-{match[2]}" if match and match[2] else "" for match in found]
