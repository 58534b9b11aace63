"""Whether what is tested on was trained on, verbatim or nearly."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.datasets.curation.catalogue import NEAR_DUPLICATE
from shared.datasets.records import Candidate, Decision
from shared.datasets.similarity.near import NearDuplicates
from shared.errors import Conflict
from shared.schemas.datasets import SPLITS, Split

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


def give_way(
    leaks: Sequence[Leak], kept_by_hand: Container[int]
) -> tuple[list[Decision], list[Leak]]:
    """What is dropped so that nothing leaks, and the leaks that a person's decision keeps open.

    A row that is trained on gives way to one of validation or test, and validation to test.
    """
    dropped: dict[int, Decision] = {}
    left = []
    for leak in leaks:
        pair = leak.alike
        if pair.line in dropped or pair.other_line in dropped:
            continue
        first_yields = SPLITS.index(leak.split) < SPLITS.index(leak.other_split)
        line, other = pair.line, pair.other_line
        yielding, staying = (line, other) if first_yields else (other, line)
        split = leak.other_split if first_yields else leak.split
        if yielding in kept_by_hand:
            left.append(leak)
            continue
        detail = f"like line {staying} of {split}, similarity {pair.similarity:.2f}"
        dropped[yielding] = Decision(yielding, "drop", "leakage", detail, ("leakage",))
    return sorted(dropped.values(), key=lambda one: one.line), left


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
        how_to_fix="Do not keep both of each two by hand, or derive with --allow-leakage, which "
        "takes all rows as they are.",
    )
