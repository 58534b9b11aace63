"""Tables in Markdown whose last column says whether a goal is met."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`met` is None where there is no goal."""

    what: str
    goal: str
    measured: str
    met: bool | None = None


def markdown(rows: Iterable[Row]) -> str:
    lines = ["| what | goal | measured | |", "|---|---|---|---|"]
    for row in rows:
        verdict = "" if row.met is None else "met" if row.met else "short"
        lines.append(f"| {row.what} | {row.goal} | {row.measured} | {verdict} |")
    return "\n".join(lines) + "\n"
