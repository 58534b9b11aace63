"""The data sets, read where they lie: the folder comes from EPICRISIS_DATA."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.bench.quality.errors import NoData

Splits = dict[str, tuple[str, ...]]
HELD_OUT: Splits = {
    "mtsamples": ("validation", "test"),
    "aci_bench": ("valid", "test1", "test2"),
    "mts_dialog": ("validation", "test1"),
}
TRAIN: Splits = {"mtsamples": ("train",), "aci_bench": ("train",), "mts_dialog": ("train",)}


@dataclass(frozen=True, slots=True)
class Pair:
    """A source and the reference that a person wrote for it."""

    dataset: str
    split: str
    id: str
    source: str
    target: str


def folder() -> Path:
    named = os.environ.get("EPICRISIS_DATA")
    if not named or not Path(named).is_dir():
        raise NoData
    return Path(named)


def records(dataset: str, name: str) -> Iterator[dict[str, str]]:
    with (folder() / dataset / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@lru_cache(maxsize=16)
def pairs(dataset: str, split: str) -> tuple[Pair, ...]:
    return tuple(
        Pair(dataset, split, record["id"], record["source"], record["target"])
        for record in records(dataset, split)
    )


def all_pairs(splits: Splits) -> list[Pair]:
    return [
        pair
        for dataset, names in splits.items()
        for split in names
        for pair in pairs(dataset, split)
    ]
