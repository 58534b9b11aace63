"""Which split each row goes to, by its group.

A group is never divided, and one that the dataset's name knows from an earlier version keeps its
split: what was trained on once is never tested on. New groups are shared out note type by note
type, the largest first, each to the split that lacks most; equals by their keyed digest, which is
as good as chance and the same each time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from shared.datasets.splits.clusters import clusters
from shared.errors import Conflict
from shared.schemas.datasets import SPLITS, Split, SplitShares


@dataclass(frozen=True, slots=True)
class Member:
    """A kept row: what splitting goes by. `asked`: the split that the upload names."""

    line: int
    group: bytes
    note_type: str
    asked: Split | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """`splits` by line. `groups` are those that the name did not know before."""

    splits: dict[int, Split]
    groups: dict[bytes, Split]


@dataclass(slots=True)
class _Group:
    first_line: int
    note_type: str
    """Of its first row: a patient's notes of several types stay together."""
    size: int = 0
    asked: dict[Split, int] = field(default_factory=dict)
    """Split → the first line that asks for it."""


def assign_splits(
    members: Iterable[Member],
    known: Mapping[bytes, Split],
    shares: SplitShares,
    together: Iterable[tuple[int, int]] = (),
) -> Assignment:
    """`together`: pairs of lines, nearly alike, whose groups go to one split where that is free.

    Raises Conflict `group_spans_splits` and `group_is_settled` for splits that cannot be.
    """
    lines: list[tuple[int, bytes]] = []
    groups: dict[bytes, _Group] = {}
    for member in members:
        group = groups.setdefault(member.group, _Group(member.line, member.note_type))
        group.size += 1
        if member.asked is not None:
            group.asked.setdefault(member.asked, member.line)
        lines.append((member.line, member.group))
    _check(groups, known)
    settled = {
        name: known[name] if name in known else next(iter(group.asked))
        for name, group in groups.items()
        if name in known or group.asked
    }
    of = dict(lines)
    alike = clusters((of[line], of[other]) for line, other in together)
    settled |= _follow(alike, settled)
    splits = _share_out(_joined(groups, alike, settled), settled, shares)
    for names in alike:
        splits |= {name: splits[names[0]] for name in names if names[0] in splits}
    splits |= settled
    return Assignment(
        {line: splits[name] for line, name in lines},
        {name: split for name, split in splits.items() if name not in known},
    )


def _follow(alike: Iterable[list[bytes]], settled: Mapping[bytes, Split]) -> dict[bytes, Split]:
    """Groups that are like a settled one go where that one is."""
    followed = {}
    for names in alike:
        split = next((settled[name] for name in names if name in settled), None)
        if split is not None:
            followed.update({name: split for name in names if name not in settled})
    return followed


def _joined(
    groups: Mapping[bytes, _Group], alike: Iterable[list[bytes]], settled: Mapping[bytes, Split]
) -> dict[bytes, _Group]:
    """Groups that are alike as one of their sizes together, under the name of the first."""
    joined = dict(groups)
    for first, *others in alike:
        if first not in settled:
            size = groups[first].size + sum(joined.pop(name).size for name in others)
            joined[first] = replace(groups[first], size=size)
    return joined


def _check(groups: Mapping[bytes, _Group], known: Mapping[bytes, Split]) -> None:
    spanning = [group for group in groups.values() if len(group.asked) > 1]
    if spanning:
        lines = " and ".join(str(line) for line in sorted(spanning[0].asked.values())[:2])
        raise Conflict(
            f"{len(spanning)} groups stand in more than one of the splits that the upload names; "
            f"lines {lines} are the first.",
            code="group_spans_splits",
            how_to_fix="Name one split for all rows of a group, or leave `split` out.",
        )
    moved = [
        group
        for name, group in groups.items()
        if name in known and group.asked and known[name] not in group.asked
    ]
    if moved:
        raise Conflict(
            f"{len(moved)} groups were in another split in an earlier version of this name; line "
            f"{min(group.first_line for group in moved)} is the first.",
            code="group_is_settled",
            how_to_fix="Leave their `split` out, or begin a dataset of another name.",
        )


def _share_out(
    groups: Mapping[bytes, _Group], settled: Mapping[bytes, Split], shares: SplitShares
) -> dict[bytes, Split]:
    sizes: Counter[str] = Counter()
    held: dict[str, Counter[Split]] = defaultdict(Counter)
    for name, group in groups.items():
        sizes[group.note_type] += group.size
        if name in settled:
            held[group.note_type][settled[name]] += group.size
    wanted = _wanted(shares)
    smallest = min((group.size for group in groups.values()), default=0)
    chosen: dict[bytes, Split] = {}
    open_groups = (name for name in groups if name not in settled)
    for name in sorted(open_groups, key=lambda name: (-groups[name].size, name)):
        group = groups[name]
        has = held[group.note_type]
        lacks = {
            split: share * sizes[group.note_type] - has[split] for split, share in wanted.items()
        }
        chosen[name] = _choose(lacks, wanted, group.size, smallest)
        has[chosen[name]] += group.size
    if chosen and "train" in wanted and "train" not in {*chosen.values(), *settled.values()}:
        chosen[next(iter(chosen))] = "train"
    return chosen


def _wanted(shares: SplitShares) -> dict[Split, float]:
    """Positive shares, together 1."""
    given = {split: float(getattr(shares, split)) for split in SPLITS}
    total = sum(given.values())
    if not total:
        return {"train": 1.0}
    return {split: share / total for split, share in given.items() if share}


def _choose(
    lacks: Mapping[Split, float], wanted: Mapping[Split, float], size: int, smallest: int
) -> Split:
    """The split that lacks most of its share, of those that the group fits into.

    Of equals the smaller goes first, or a small dataset would test on nothing; a group that is too
    large for any goes where most is missing.
    """
    fitting = [
        split for split in wanted if lacks[split] > 0 and size <= max(lacks[split], smallest)
    ]
    if not fitting:
        return max(wanted, key=lambda split: lacks[split])
    return max(fitting, key=lambda split: (lacks[split] / wanted[split], -wanted[split]))
