"""Shares as bars."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.datasets.report.pictures.svg import box, label, line, picture

_WIDTH = 560.0
_ROW = 24.0
_NAMES, _VALUES = 150.0, 66.0
_LONGEST_NAME = 22
_COLOURS = 8
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` is 0..1; `value` is written beside it."""

    name: str
    share: float
    value: str


def bars(title: str, items: Sequence[Bar], style: str, *, whole: bool = True) -> Markup:
    """One below the other. `whole`: the full width is 1, else the greatest share."""
    most = 1.0 if whole else max((item.share for item in items), default=1.0) or 1.0
    room = _WIDTH - _NAMES - _VALUES
    parts: list[Markup] = []
    for place, item in enumerate(items):
        y = place * _ROW
        if whole:
            parts.append(box("track", _NAMES, y + 4, room, _ROW - 9))
        parts += [
            label("name end", _NAMES - 8, y + 16, _short(item.name)),
            box(style, _NAMES, y + 4, item.share / most * room, _ROW - 9),
            label("tick", _NAMES + room + 8, y + 16, item.value),
        ]
    described = ", ".join(f"{item.name} {item.value}" for item in items)
    return picture(_WIDTH, _ROW * len(items), title, f"{described}.", parts)


def stacked(title: str, rows: Mapping[str, Mapping[str, int]]) -> Markup:
    """For each row its parts as shares of it. The same part has one colour in all rows."""
    names = part_names(rows)
    parts: list[Markup] = []
    for place, (row, counts) in enumerate(rows.items()):
        parts += _stack(place * (_ROW + 6), row, _named(counts, names))
    described = "; ".join(f"{row}: {_in_words(_named(of, names))}" for row, of in rows.items())
    return picture(_WIDTH, (_ROW + 6) * len(rows), title, f"{described}.", parts)


def part_names(rows: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The parts that have a colour of their own, the greatest first, then what is left."""
    totals: dict[str, int] = {}
    for counts in rows.values():
        for name, count in counts.items():
            totals[name] = totals.get(name, 0) + count
    ordered = sorted(totals, key=lambda name: (-totals[name], name))
    return ordered if len(ordered) <= _COLOURS else [*ordered[: _COLOURS - 1], OTHERS]


def _named(counts: Mapping[str, int], names: Sequence[str]) -> dict[str, int]:
    named = {name: counts.get(name, 0) for name in names}
    if OTHERS in named:
        named[OTHERS] += sum(counts.values()) - sum(named.values())
    return named


def _stack(y: float, row: str, counts: Mapping[str, int]) -> Iterator[Markup]:
    total, x = sum(counts.values()), _NAMES
    room = _WIDTH - _NAMES - _VALUES
    yield label("name end", _NAMES - 8, y + 17, row)
    for colour, (name, count) in enumerate(counts.items()):
        width = count / total * room
        if count:
            tip = f"{name}: {count:,} of {total:,}"
            yield box(f"c{colour}", x, y + 2, width, _ROW - 4, tip=tip)
        x += width
        if count:
            yield line("gap", x, y + 2, x, y + _ROW - 2)
    yield label("tick", x + 8, y + 17, f"{total:,}")


def _in_words(counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    return ", ".join(
        f"{name} {count / total:.0%}".replace("%", " %") for name, count in counts.items() if count
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}\u2026"
