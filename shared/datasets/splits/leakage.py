"""Whether what is tested on was trained on, verbatim or nearly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.datasets.curation.catalogue import NEAR_DUPLICATE
from shared.datasets.records import Candidate
from shared.datasets.similarity.near import NearDuplicates
from shared.errors import Conflict
from shared.schemas.datasets import Split

ALIKE = NEAR_DUPLICATE.defaults["source_similarity"]
"""Estimated Jaccard similarity of sources from which one is a copy of the other, as curation has
it: a tenth of the words may have been changed."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Two rows of nearly the same source; `other_line` is the earlier. `similarity` is 0..1."""

    line: int
    other_line: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Leak:
    """Two rows that are alike and stand in different splits."""

    alike: Alike
    split: Split
    other_split: Split


def find_alike(kept: Iterable[Candidate]) -> list[Alike]:
    """Pairs of rows with nearly the same source; of many copies each is named with some other."""
    index = NearDuplicates(ALIKE)
    for candidate in kept:
        index.observe(candidate.line, candidate.source)
    return [
        Alike(index.line(pair.place), index.line(pair.other), pair.similarity)
        for pair in index.pairs()
    ]


def find_leaks(alike: Sequence[Alike], splits: Mapping[int, Split]) -> list[Leak]:
    """Those pairs whose rows went to different splits, the most alike first."""
    leaks = [
        Leak(pair, splits[pair.line], splits[pair.other_line])
        for pair in alike
        if splits[pair.line] != splits[pair.other_line]
    ]
    return sorted(leaks, key=lambda leak: (-leak.alike.similarity, leak.alike.line))


def refuse_leaks(leaks: Sequence[Leak]) -> None:
    """Raises Conflict where there are any."""
    if not leaks:
        return
    first = leaks[0]
    raise Conflict(
        f"{len(leaks)} pairs of rows stand in two splits, verbatim or nearly: line "
        f"{first.alike.line} ({first.split}) and line {first.alike.other_line} "
        f"({first.other_split}) are the first.",
        code="leakage",
        how_to_fix="Derive a version that drops one of each two (--drop LINE), or give rows that "
        "belong together one group_id; --allow-leakage takes them as they are.",
    )
