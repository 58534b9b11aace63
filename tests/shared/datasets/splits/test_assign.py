from collections import Counter

import pytest

from shared.datasets.splits.assign import Member, assign_splits
from shared.errors import Conflict
from shared.schemas.datasets import Split, SplitShares

SHARES = SplitShares()


def members(*sizes: int, note_type: str = "visit", first: int = 1) -> list[Member]:
    """A group of each size; lines run on."""
    groups = [group.to_bytes(4) for group, size in enumerate(sizes) for _ in range(size)]
    return [Member(first + place, group, note_type) for place, group in enumerate(groups)]


@pytest.mark.parametrize(
    ("rows", "train", "validation", "test"), [(3, 1, 1, 1), (10, 8, 1, 1), (200, 160, 20, 20)]
)
def test_rows_are_shared_out(rows: int, train: int, validation: int, test: int) -> None:
    splits = assign_splits(members(*[1] * rows), {}, SHARES).splits.values()
    assert Counter(splits) == {"train": train, "validation": validation, "test": test}


def test_each_note_type_has_its_share_of_each_split() -> None:
    rows = [
        Member(line, line.to_bytes(4), "visit" if line % 5 else "discharge") for line in range(500)
    ]
    splits = assign_splits(rows, {}, SHARES).splits
    held = Counter((row.note_type, splits[row.line]) for row in rows)
    assert held["discharge", "test"] == 10
    assert held["visit", "test"] == 40


def test_a_group_is_never_divided_and_a_large_one_is_trained_on() -> None:
    rows = members(70, *[1] * 30)
    splits = assign_splits(rows, {}, SHARES).splits
    by_group = {row.group: set() for row in rows}
    for row in rows:
        by_group[row.group].add(splits[row.line])
    assert all(len(found) == 1 for found in by_group.values())
    assert by_group[(0).to_bytes(4)] == {"train"}


def test_a_group_keeps_the_split_of_an_earlier_version() -> None:
    earlier = assign_splits(members(*[1] * 50), {}, SHARES)
    later = assign_splits(members(*[2] * 80), earlier.groups, SHARES)
    assert not later.groups.keys() & earlier.groups.keys()
    for row in members(*[2] * 80):
        if row.group in earlier.groups:
            assert later.splits[row.line] == earlier.groups[row.group]


def test_splits_that_an_upload_names_hold() -> None:
    asked: dict[int, Split] = {1: "test", 2: "validation"}
    rows = [Member(line, line.to_bytes(4), "visit", asked.get(line)) for line in range(1, 9)]
    splits = assign_splits(rows, {}, SHARES).splits
    assert {line: splits[line] for line in asked} == asked


def test_a_group_asked_into_two_splits_is_refused() -> None:
    rows = [Member(4, b"g", "visit", "train"), Member(9, b"g", "visit", "test")]
    with pytest.raises(Conflict, match="lines 4 and 9") as refused:
        assign_splits(rows, {}, SHARES)
    assert refused.value.error_code == "group_spans_splits"


def test_a_group_is_not_moved_out_of_the_split_that_it_has() -> None:
    with pytest.raises(Conflict) as refused:
        assign_splits([Member(1, b"g", "visit", "test")], {b"g": "train"}, SHARES)
    assert refused.value.error_code == "group_is_settled"
