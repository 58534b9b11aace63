"""What the threshold of support lets through of sentences that people wrote."""

from collections.abc import Iterable

from shared.text.evidence import SourceIndex, find_evidence
from shared.text.sentences import sentence_spans
from tests.bench.quality.data import HELD_OUT, TRAIN, Pair, Splits, pairs
from tests.bench.quality.support_rule import supported_sentences
from tests.bench.quality.tables import Row, markdown


def table(split: str) -> str:
    splits: Splits = HELD_OUT if split == "held-out" else TRAIN
    rows = [row for name in splits for row in _rows(name, _all(name, splits[name]))]
    return f"Sentences of references that are supported ({split})\n\n{markdown(rows)}"


def _all(name: str, splits: Iterable[str]) -> list[Pair]:
    return [pair for split in splits for pair in pairs(name, split)]


def _rows(name: str, read: Iterable[Pair]) -> list[Row]:
    every: list[bool] = []
    held: list[bool] = []
    for pair in read:
        index = SourceIndex(pair.source)
        said = [span.of(pair.target) for span in sentence_spans(pair.target)]
        every += [find_evidence(sentence, index).supported for sentence in said]
        held += [find_evidence(one.text, index).supported for one in supported_sentences(pair)]
    return [
        Row(f"{name}: sentences whose words the source holds together", "", _share(held)),
        Row(f"{name}: all sentences", "", _share(every)),
    ]


def _share(verdicts: list[bool]) -> str:
    return f"{sum(verdicts) / (len(verdicts) or 1):.1%} (n = {len(verdicts):,})"
