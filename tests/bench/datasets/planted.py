"""How many planted faults curation finds, and what it says beyond that of records left alone.

A fault is found when the step that is for it speaks of the record; of two copies, of either.
"Beyond" are records without a fault, and no original of a copy, of which the step speaks though it
does not in the untouched set.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from shared.datasets.curation.catalogue import CATALOGUE
from shared.datasets.curation.run import curate
from shared.datasets.records import Candidate, Decision
from shared.datasets.similarity.normal import digest
from shared.schemas.datasets import SPLITS, Curation, StepSettings
from shared.text.words import words
from tests.bench.datasets.faults import (
    MOST_EDITED,
    Fault,
    Record,
    edited,
    number_changed,
    some_share,
    untouched,
)
from tests.bench.quality.data import HELD_OUT, TRAIN, Splits, pairs
from tests.bench.quality.tables import Row, markdown

SETS: dict[str, Splits] = {"train": {**TRAIN, "meqsum": ("meqsum_1000",)}, "held-out": HELD_OUT}
GOALS: dict[Fault, float] = {
    "verbatim": 0.99,
    "edited": 0.95,
    "edited by a tenth": 0.95,
    "swapped": 0.90,
    "number": 0.90,
}
_COPIES: tuple[Fault, ...] = ("verbatim", "edited", "edited by a tenth")
STEPS: dict[Fault, frozenset[str]] = {
    "verbatim": frozenset(["exact_duplicate"]),
    # An edit may change nothing but marks.
    "edited": frozenset(["near_duplicate", "exact_duplicate"]),
    "edited by a tenth": frozenset(["near_duplicate", "exact_duplicate"]),
    "swapped": frozenset(["swapped_target"]),
    "number": frozenset(["ungrounded"]),
}
_CURATION = Curation(
    steps={
        name: StepSettings(action="off")
        for name in CATALOGUE.keys() - frozenset[str]().union(*STEPS.values())
    }
)
BEYOND = 0.02
_SHARE = 0.04
"""Of the records have each fault."""
_ENOUGH = 5_000
_MOST_ROUNDS = 8
"""Each set is planted so often, by other chances, till it has given that many records."""
_OF_NUMBERS = re.compile(r"(?:number_not_in_source|unit_mismatch|date_\w+|age_mismatch) (\d+)")


@dataclass(slots=True)
class Tally:
    """Of one fault. `beyond` and `before` are of `records`: spoken of though left alone, now only
    and in the untouched set. `across`: copies in another split than training, of originals in it or
    the other way about; `kept_apart`: those of which the one in training alone is dropped.
    `more`: of changed numbers, where the checks object to more numbers than they did before.
    """

    planted: int = 0
    found: int = 0
    beyond: int = 0
    before: int = 0
    records: int = 0
    across: int = 0
    kept_apart: int = 0
    more: int = 0


def table(split: str, seed: int) -> str:
    every = {fault: Tally() for fault in GOALS}
    rows: list[Row] = []
    for name, splits in SETS[split].items():
        of_set = [pair for part in splits for pair in pairs(name, part)]
        tallies = {fault: Tally() for fault in GOALS}
        for again in range(min(_MOST_ROUNDS, -(-_ENOUGH // len(of_set)))):
            dice = Random(seed + again)
            plain = untouched(of_set, dice)
            records = plant(plain, dice)
            before, after = judged(plain), judged(records)
            for sums in (tallies, every):
                count(sums, records, dict(enumerate(before)), after)
        rows += _rows(f"{name} ({len(of_set):,})", tallies)
    return f"Planted faults ({split})\n\n{markdown([*rows, *_rows('all', every)])}"


def plant(plain: Sequence[Record], dice: Random) -> list[Record]:
    """Every fault in its share of the records, copies of others beside them, in chance order."""
    count = max(2, int(_SHARE * len(plain)))
    vocabulary = [word for record in plain for word in words(record.source)]
    places = dice.sample(range(len(plain)), len(plain))
    made = list(plain)
    for at in range(len(_COPIES) * count):
        fault = _COPIES[at % len(_COPIES)]
        made.append(_copy(plain[places.pop()], fault, vocabulary, dice))
    _swap(made, [places.pop() for _ in range(count)])
    for place in places:
        if count and (changed := number_changed(plain[place], dice)):
            made[place] = changed
            count -= 1
    dice.shuffle(made)
    return made


def _copy(record: Record, fault: Fault, vocabulary: Sequence[str], dice: Random) -> Record:
    """In the same split half of the time."""
    split = record.split if dice.random() < 0.5 else dice.choice(SPLITS)
    copy = replace(record, fault=fault, split=split, is_copy=True)
    if fault == "verbatim":
        return copy
    share = MOST_EDITED if fault == "edited by a tenth" else some_share(dice)
    return edited(copy, vocabulary, dice, share)


def _swap(made: list[Record], places: Sequence[int]) -> None:
    """Each takes the target of the next, if that says something else."""
    targets = [made[place].target for place in places]
    for place, target in zip(places, [*targets[1:], targets[0]], strict=True):
        if digest(target) != digest(made[place].target):
            made[place] = replace(made[place], target=target, fault="swapped")


def judged(records: Iterable[Record]) -> list[Decision]:
    """One decision a record, in their order."""
    rows = list(records)
    candidates = (
        Candidate(line, row.source, row.target, "general", split=row.split)
        for line, row in enumerate(rows)
    )
    found = {one.line: one for one in curate(candidates, _CURATION)}
    return [found.get(line, Decision(line, "keep")) for line in range(len(rows))]


def count(
    tallies: dict[Fault, Tally],
    records: Sequence[Record],
    before: dict[int, Decision],
    after: Sequence[Decision],
) -> None:
    """`before` by the record's place in the untouched set."""
    of: dict[int, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        of[record.of].append(place)
    for fault, tally in tallies.items():
        steps = STEPS[fault]
        for place, record in enumerate(records):
            spoken = bool(steps & set(after[place].findings))
            if record.fault == fault:
                pair = of[record.of] if record.is_copy else [place]
                tally.planted += 1
                tally.found += any(steps & set(after[one].findings) for one in pair)
                tally.more += _numbers(after[place]) > _numbers(before[record.of])
                _tell_apart(tally, [(records[one], after[one]) for one in pair])
            elif record.fault is None and len(of[record.of]) == 1:
                is_old = bool(steps & set(before[record.of].findings))
                tally.records += 1
                tally.before += is_old
                tally.beyond += spoken and not is_old


def _tell_apart(tally: Tally, pair: Sequence[tuple[Record, Decision]]) -> None:
    trained = [decision for record, decision in pair if record.split == "train"]
    others = [decision for record, decision in pair if record.split != "train"]
    if trained and others:
        tally.across += 1
        tally.kept_apart += trained[0].decision == "drop" and others[0].decision == "keep"


def _numbers(decision: Decision) -> int:
    return sum(map(int, _OF_NUMBERS.findall(decision.detail or "")))


def _rows(name: str, tallies: dict[Fault, Tally]) -> list[Row]:
    rows = []
    for fault, tally in tallies.items():
        share, goal = tally.found / (tally.planted or 1), GOALS[fault]
        measured = f"{share:.1%} (n = {tally.planted:,})"
        if fault == "number":
            measured += f"; more numbers named than before {tally.more / (tally.planted or 1):.1%}"
        if tally.across:
            measured += f"; of {tally.across} across to training {tally.kept_apart} left training"
        rows.append(Row(f"{name}: {fault}, found", f"≥ {goal:.0%}", measured, met=share >= goal))
        share = tally.beyond / (tally.records or 1)
        measured = f"{share:.1%} (untouched {tally.before / (tally.records or 1):.1%})"
        rows.append(Row(f"{name}: beyond", f"≤ {BEYOND:.0%}", measured, met=share <= BEYOND))
    return rows
