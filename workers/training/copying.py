"""Whether a model writes what it was trained on in place of what it reads."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_ROW = 8
"""Words in a row that two people do not write alike by chance; shorter summaries are not judged."""
_COPIED = 0.5
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What a model made of a validation note, and the note with its reference."""

    summary: str
    note: str
    reference: str


def copied_share(written: Sequence[Written], targets: Iterable[str]) -> float:
    """The share of summaries, 0 to 1, of which half or more is of training targets.

    In rows of words that neither the note nor its reference has: what every note of a kind says
    is no sign. The targets are read once, so that many of them need no memory.
    """
    rows = [set(_rows(one.summary)) - {*_rows(one.note), *_rows(one.reference)} for one in written]
    sought: set[Row] = set().union(*rows)
    found: set[Row] = set()
    for target in targets if sought else ():
        found |= sought.intersection(_rows(target))
    copied = sum(
        len(own & found) >= _COPIED * len(set(_rows(one.summary)))
        for one, own in zip(written, rows, strict=True)
        if own & found
    )
    return copied / len(written) if written else 0.0


def _rows(text: str) -> Iterator[Row]:
    words = _WORD.findall(text.lower())
    return (tuple(words[place : place + _ROW]) for place in range(len(words) - _ROW + 1))
