"""The fixed list of changed sentences: ids and offsets, no text of the data.

A line says which sentence of which reference is taken (`start`, `end`), what of it is changed
(`from`, `to`: offsets within the sentence) and the words of ours in its place; for a sentence of
another patient, where it is taken from.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from random import Random

from tests.bench.quality.changes import KINDS, Change, changed
from tests.bench.quality.data import HELD_OUT, TRAIN, Pair, Splits, all_pairs, pairs
from tests.bench.quality.plain_words import content, tokens
from tests.bench.quality.support_rule import Supported, supported_sentences

LIST = Path(__file__).with_name("perturbations.jsonl")
SWAP = "another patient"
_SEED = 5
_REPLACEMENTS = {"drug": 4}
"""There are few sentences that name a drug: each is given so many others."""
_TRAIN_MOST = 300
"""Items per kind of the training splits, which are made anew each time."""


Line = dict[str, object]


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence of a reference as it stands, and with one error in it."""

    kind: str
    pair: Pair
    said: str
    changed: str


def write_list() -> None:
    lines = [json.dumps(line, separators=(",", ":")) + "\n" for line in _lines(HELD_OUT)]
    LIST.write_text("".join(lines))


def items(split: str) -> list[Item]:
    """Those of the committed list, or as many of the training splits as are enough to develop."""
    if split == "held-out":
        return [_item(json.loads(line)) for line in LIST.read_text().splitlines()]
    lines = list(_lines(TRAIN))
    Random(_SEED).shuffle(lines)
    kinds = {kind: _mixed([li for li in lines if li["kind"] == kind]) for kind in [*KINDS, SWAP]}
    return [_item(line) for of_kind in kinds.values() for line in of_kind[:_TRAIN_MOST]]


def _mixed(lines: list[Line]) -> list[Line]:
    """The data sets in turn while each has lines: most of the lines are of one of them."""
    by_set = [[line for line in lines if line["dataset"] == name] for name in TRAIN]
    return [line for turn in zip_longest(*by_set) for line in turn if line is not None]


def _lines(splits: Splits) -> Iterator[Line]:
    said = [sentence for pair in all_pairs(splits) for sentence in supported_sentences(pair)]
    for kind, change in KINDS.items():
        dice = Random(f"{_SEED} {kind}")
        for sentence in said:
            for _ in range(_REPLACEMENTS.get(kind, 1)):
                for found in change(sentence, dice):
                    yield _line(kind, sentence) | _written(found)
    yield from _swaps(said)


def _line(kind: str, said: Supported) -> Line:
    pair = said.pair
    where: Line = {"dataset": pair.dataset, "split": pair.split, "id": pair.id}
    return {"kind": kind, **where, "start": said.start, "end": said.end}


def _written(change: Change) -> Line:
    return {"from": change.start, "to": change.end, "put": change.to}


def _swaps(said: list[Supported]) -> Iterator[Line]:
    """For each source with a supported sentence one of another patient of the same data set."""
    dice = Random(f"{_SEED} {SWAP}")
    for sentence in _firsts(said):
        held = set(tokens(sentence.pair.source))
        others = [other for other in said if other.pair.dataset == sentence.pair.dataset]
        for _ in range(20):
            other = dice.choice(others)
            if len(content(tokens(other.text)) - held):
                yield _line(SWAP, sentence) | {
                    "other_split": other.pair.split,
                    "other_id": other.pair.id,
                    "other_start": other.start,
                    "other_end": other.end,
                }
                break


def _firsts(said: Iterable[Supported]) -> list[Supported]:
    firsts: dict[tuple[str, str], Supported] = {}
    for sentence in said:
        firsts.setdefault((sentence.pair.dataset, sentence.pair.id), sentence)
    return list(firsts.values())


def _item(line: Line) -> Item:
    dataset, kind = str(line["dataset"]), str(line["kind"])
    pair = _by_id(dataset, str(line["split"]))[str(line["id"])]
    said = pair.target[_int(line["start"]) : _int(line["end"])]
    if kind == SWAP:
        other = _by_id(dataset, str(line["other_split"]))[str(line["other_id"])]
        return Item(
            kind, pair, said, other.target[_int(line["other_start"]) : _int(line["other_end"])]
        )
    change = Change(_int(line["from"]), _int(line["to"]), str(line["put"]))
    return Item(kind, pair, said, changed(said, change))


def _int(value: object) -> int:
    if isinstance(value, int):
        return value
    raise TypeError("An offset of the list is no whole number.")


@lru_cache(maxsize=16)
def _by_id(dataset: str, split: str) -> dict[str, Pair]:
    return {pair.id: pair for pair in pairs(dataset, split)}
