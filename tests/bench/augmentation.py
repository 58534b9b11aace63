"""Whether augmentation changes a fact: every operator over 1,000 real notes.

    EPICRISIS_DATA=… python -m tests.bench.augmentation [--split train]

Held out are all validation and test pairs of MTSamples, ACI-Bench and MTS-Dialog (828) and the
first 172 physician notes, which have no target. Facts are compared twice: as plain words and
figures, counted here without the rules that the operators use; and by the checks of summaries, the
new target beside the new source as the old beside the old, and the sentences of each source beside
the other.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from random import Random

from shared.checks.check import check_summary
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.datasets.augmentation.facts import Pair
from shared.datasets.augmentation.operator import Operator
from shared.datasets.augmentation.operators import OPERATORS
from shared.datasets.records import Candidate
from shared.text.dates import as_date
from shared.text.drugs import ingredients_by_name
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.numbers import numbers
from shared.text.sentences import sentence_spans
from tests.bench.quality.data import HELD_OUT, TRAIN, all_pairs, folder, records
from tests.bench.quality.errors import Missing

NOTES = 1_000
_SEED = 6
_LOSES = "sentence_dropout"
"""Says less of its source, on purpose: what is left must have been there."""
_MOVES = "surrogates"
"""Moves dates, on purpose: by as many days in all of a record."""
_FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*")
_SIDE = re.compile(r"\b(?:left|right|bilateral\w*|both|[LR][UL]Q|[lr]t)\b", re.IGNORECASE)
_DENIES = re.compile(
    r"\b(?:no|not|non|nor|never|none|neither|without|deni\w+|deny\w*|negative|absent|cannot)\b|n't\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:he|she|his|hers?|him|male|female|man|woman|boy|girl|mother|father|sister|brother|son"
    r"|daughter|aunt|uncle|wife|husband)\b",
    re.IGNORECASE,
)
_QUADRANTS = {"luq": "left", "llq": "left", "ruq": "right", "rlq": "right"}
_WORD = re.compile(r"[a-z]+")


@dataclass(slots=True)
class Tally:
    """What became of the notes under one operator; `broken` by what has changed."""

    changed: int = 0
    refused: int = 0
    notes_broken: int = 0
    broken: Counter[str] = field(default_factory=Counter)


def rows(split: str) -> Iterator[str]:
    """A Markdown table, line by line. `changed` counts new examples, `refused` those that the
    operator does not allow."""
    pairs = list(islice(_pairs(split), NOTES))
    yield "| operator | notes | changed | refused | with a fact changed | goal 0 |"
    yield "|---|--:|--:|--:|---|---|"
    for operator in OPERATORS.values():
        tally = _tally(operator, pairs)
        what = "; ".join(f"{name}: {count}" for name, count in sorted(tally.broken.items()))
        yield (
            f"| {operator.name}@{operator.version} | {len(pairs):,} | {tally.changed:,} "
            f"| {tally.refused} | {tally.notes_broken}{f' ({what})' if what else ''} "
            f"| {'short' if tally.notes_broken else 'met'} |"
        )


def _pairs(split: str) -> Iterator[Pair]:
    if split == "train":
        held = all_pairs(TRAIN)
        Random(_SEED).shuffle(held)
        yield from ((pair.source, pair.target) for pair in held)
        return
    yield from ((pair.source, pair.target) for pair in all_pairs(HELD_OUT))
    yield from ((record["text"], None) for record in records("ehr_notes_plaintext", "curated"))


def _tally(operator: Operator, pairs: list[Pair]) -> Tally:
    tally = Tally()
    for line, pair in enumerate(pairs, start=1):
        new = operator.apply(Candidate(line, *pair, "general"), Random(f"{_SEED} {line}"))
        if new is None:
            continue
        if not operator.allows(pair, new):
            tally.refused += 1
            continue
        tally.changed += 1
        if broken := set(_broken(operator.name, pair, new)):
            tally.notes_broken += 1
            tally.broken.update(broken)
    return tally


def _broken(name: str, old: Pair, new: Pair) -> Iterator[str]:
    """What of the facts has changed, by its name."""
    if name == _MOVES:
        if len(_shifts(old, new)) > 1:
            yield "dates"
        old, new = _undated(old), _undated(new)
    for place, (before, after) in enumerate(zip(old, new, strict=True)):
        was, now = _counts(before or ""), _counts(after or "")
        for kind in was:
            may_lose = name == _LOSES and place == 0
            if not (now[kind] <= was[kind] if may_lose else now[kind] == was[kind]):
                yield f"{kind} of the {'target' if place else 'source'}"
    yield from _found_anew(name, old, new)


def _counts(text: str) -> dict[str, Counter[str]]:
    drugs = ingredients_by_name()
    sides = Counter(match.group().lower() for match in _SIDE.finditer(text))
    for short, side in _QUADRANTS.items():
        sides[side] += sides.pop(short, 0)
    return {
        "numbers": Counter(_FIGURE.findall(text)),
        "sides": +sides,
        "denials": Counter(match.group().lower() for match in _DENIES.finditer(text)),
        "people": Counter(match.group().lower() for match in _PERSON.finditer(text)),
        "drugs": Counter(word for word in _WORD.findall(text.lower()) if word in drugs),
    }


def _found_anew(name: str, old: Pair, new: Pair) -> Iterator[str]:
    """Checks that find more than they found in the old record, or in a source beside itself."""
    old_source, new_source = Source(SourceIndex(old[0])), Source(SourceIndex(new[0]))
    in_target = _findings(new[1] or "", new_source) - _findings(old[1] or "", old_source)
    yield from (f"{check} of the target" for check in in_target)
    itself = _findings(old[0], old_source)
    crossed = _findings(new[0], old_source) - itself
    if name != _LOSES:
        crossed += _findings(old[0], new_source) - itself
    yield from (f"{check} of the source" for check in crossed)


def _findings(said: str, source: Source) -> Counter[str]:
    spans = sentence_spans(said)
    sentences = [
        Sentence(span.of(said), find_evidence(span.of(said), source.index)) for span in spans
    ]
    report = check_summary(sentences, source, language="en")
    return Counter(finding.check for found in report.findings for finding in found)


def _shifts(old: Pair, new: Pair) -> set[int | str]:
    """By how many days its dates have moved; more than one where they have moved apart."""
    moved: set[int | str] = set()
    for before, after in zip(old, new, strict=True):
        was, now = _days(before or ""), _days(after or "")
        if len(was) != len(now):
            return {"fewer", "more"}
        moved |= {
            later - earlier if isinstance(earlier, int) and isinstance(later, int) else "open"
            for earlier, later in zip(was, now, strict=True)
            if not isinstance(earlier, str) or earlier != later
        }
    return moved


def _days(text: str) -> list[int | str]:
    """Full dates as days since 1-1-1, others as they are."""
    found: list[int | str] = []
    for number in numbers(text):
        if as_date(number):
            try:
                found.append(date.fromisoformat(number.value).toordinal())
            except ValueError:
                found.append(number.value)
    return found


def _undated(pair: Pair) -> Pair:
    return _blanked(pair[0]), None if pair[1] is None else _blanked(pair[1])


def _blanked(text: str) -> str:
    for number in reversed(numbers(text)):
        if as_date(number):
            text = f"{text[: number.span.start]}then{text[number.span.end :]}"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.augmentation")
    parser.add_argument("--split", choices=("held-out", "train"), default="held-out")
    asked = parser.parse_args()
    try:
        folder()
    except Missing as error:
        parser.exit(2, f"{error}\n")
    print(f"`python -m tests.bench.augmentation`, {asked.split}\n")
    for row in rows(asked.split):
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
