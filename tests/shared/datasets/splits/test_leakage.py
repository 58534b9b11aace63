from collections.abc import Iterator

import pytest

from shared.datasets.records import Candidate
from shared.datasets.splits.assign import Member, assign_splits
from shared.datasets.splits.leakage import find_alike, find_leaks, give_way, refuse_leaks
from shared.errors import Conflict
from shared.schemas.datasets import Split, SplitShares

WORDS = [
    "the",
    "patient",
    "was",
    "seen",
    "for",
    "a",
    "painful",
    "swollen",
    "left",
    "knee",
    "after",
    "a",
    "fall",
    "on",
    "ice",
    "and",
    "says",
    "that",
    "it",
    "has",
    "become",
    "worse",
    "since",
    "then",
    "with",
    "stairs",
    "while",
    "rest",
    "and",
    "ibuprofen",
    "give",
    "her",
    "some",
    "relief",
    "at",
    "night",
]


def note(changed: int = 0, *, topic: str = "") -> str:
    """The words, of which every tenth was changed `changed` times."""
    words = [f"{topic}{word}" for word in WORDS]
    for place in range(changed):
        words[10 * place] = "otherwise"
    return " ".join(words)


def candidates(*sources: str) -> Iterator[Candidate]:
    return (Candidate(line, source, "Knee.", "visit") for line, source in enumerate(sources, 1))


def test_an_edited_copy_in_another_split_is_a_leak() -> None:
    alike = find_alike(candidates(note(), note(topic="other"), note(changed=2)))
    splits: dict[int, Split] = {1: "train", 2: "train", 3: "test"}
    (leak,) = find_leaks(alike, splits)
    assert (leak.alike.line, leak.alike.other_line) == (3, 1)
    with pytest.raises(Conflict, match=r"line 3 \(test\) and line 1 \(train\)") as refused:
        refuse_leaks([leak])
    assert refused.value.error_code == "leakage"
    assert find_leaks(alike, {1: "train", 2: "test", 3: "train"}) == []


def test_what_is_trained_on_gives_way_unless_a_person_keeps_it() -> None:
    alike = find_alike(candidates(note(), note(topic="other"), note(changed=2), note()))
    splits: dict[int, Split] = {1: "train", 2: "train", 3: "test", 4: "validation"}
    dropped, left = give_way(find_leaks(alike, splits), kept_by_hand=())
    assert [(one.line, one.reason) for one in dropped] == [(1, "leakage"), (4, "leakage")]
    assert left == []
    _, left = give_way(find_leaks(alike, splits), kept_by_hand={1, 4})
    assert left


def test_rows_that_are_alike_go_to_one_split() -> None:
    members = [Member(line, line.to_bytes(4), "visit") for line in range(200)]
    together = [(line, line - 1) for line in range(1, 200) if line % 4]
    splits = assign_splits(members, {}, SplitShares(), together).splits
    assert all(splits[line] == splits[other] for line, other in together)
    assert set(splits.values()) == {"train", "validation", "test"}


def test_a_row_that_is_like_one_tested_on_before_is_tested_on() -> None:
    members = [Member(line, line.to_bytes(4), "visit") for line in range(20)]
    known: dict[bytes, Split] = {(3).to_bytes(4): "test"}
    assert assign_splits(members, known, SplitShares(), [(17, 3)]).splits[17] == "test"
