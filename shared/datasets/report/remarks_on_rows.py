"""Remarks on how many rows there are, and of what kind.

The bounds are judgement: they say from where a figure is worth a sentence, not what is right.
"""

from collections.abc import Iterator
from math import sqrt

from shared.datasets.report.written import percent
from shared.schemas.dataset_reports import Remark, Report, SplitFigures

_HELD_OUT = ("validation", "test")
_MANY_DROPPED, _MANY_FLAGGED = 0.2, 0.1
_FEW_TO_TRAIN_ON, _FEW_TO_TEST_ON, _FEW_OF_TYPE = 200, 100, 20
_NOT_BY_CHANCE = 0.01
"""Share of rows from which a language is no mistake of the detector's."""
_FAR = 1.5
"""Ratio of median lengths."""
_LARGE_GROUP, _MUCH_OF_SPLIT = 10, 0.1


def nothing_kept(report: Report) -> Remark:
    return Remark(
        level="act",
        text=f"No row is kept; {report.counts.rows:,} could be read.",
        next="Look at the reasons, then derive a version that overrules them or sets steps off.",
    )


def dropped(report: Report) -> Iterator[Remark]:
    counts = report.counts
    share = counts.dropped / counts.rows
    if share >= _MANY_DROPPED:
        reason, rows = next(iter(counts.dropped_by.items()))
        yield Remark(
            level="act",
            text=f"{percent(share)} of the rows were dropped, most of them ({rows:,}) by {reason}.",
            next="Look at examples of what was dropped; a step that is wrong about these texts can "
            "be set off, and single rows overruled, in a derived version.",
        )


def flagged(report: Report) -> Iterator[Remark]:
    counts = report.counts
    share = counts.flagged / counts.kept
    if share >= _MANY_FLAGGED:
        finding, rows = next(iter(counts.findings.items()))
        yield Remark(
            level="know",
            text=f"{percent(share)} of the kept rows are flagged: kept, though something was found "
            f"about them. What was found most often is {finding} ({rows:,} rows).",
            next="Look at the examples of each finding; a derived version can drop what it names.",
        )


def targets(report: Report) -> Iterator[Remark]:
    counts = report.counts
    if counts.without_target == counts.kept:
        yield Remark(
            level="act",
            text="No row has a target: nothing can be learned from it as it is.",
            next="A version with `--augment pseudo_labels=1,models:/T/V` has them written.",
        )
    elif counts.without_target:
        yield Remark(
            level="know",
            text=f"{counts.without_target:,} of {counts.kept:,} rows have no target; training "
            "passes over them.",
            next="A version with `--augment pseudo_labels=1,models:/T/V` has them written.",
        )


def sizes(report: Report) -> Iterator[Remark]:
    rows = {split.split: split.with_target for split in report.splits}
    if 0 < rows.get("train", 0) < _FEW_TO_TRAIN_ON:
        yield Remark(
            level="know",
            text=f"train holds only {rows['train']:,} examples with a target: few to fine-tune on, "
            "and a prompt may do as well.",
            next="Compare the trained version with the prompt before it is promoted.",
        )
    for split in _HELD_OUT:
        held = rows.get(split, 0)
        if held == 0:
            yield Remark(
                level="act",
                text=f"{split} holds no example with a target.",
                next="Derive a version with a share for it; without one nothing says whether a "
                "trained model is any better.",
            )
        elif held < _FEW_TO_TEST_ON:
            yield Remark(
                level="know",
                text=f"{split} holds only {held:,} examples: a share measured on them is uncertain "
                f"by ± {98 / sqrt(held):.0f} percentage points.",
                next="Read scores with their intervals, and add examples before small differences "
                "decide anything.",
            )


def note_types(report: Report) -> Iterator[Remark]:
    train = next((split for split in report.splits if split.split == "train"), None)
    if train is None:
        return
    for split in report.splits:
        strange = sorted(set(split.note_types) - set(train.note_types))
        if split.split in _HELD_OUT and strange:
            yield Remark(
                level="act",
                text=f"{split.split} holds note types that train lacks: {', '.join(strange[:5])}.",
                next="Add examples of them to train, or evaluate them apart.",
            )
    few = [name for name, rows in train.note_types.items() if rows < _FEW_OF_TYPE]
    if few and len(train.note_types) > 1:
        yield Remark(
            level="know",
            text=f"train holds fewer than {_FEW_OF_TYPE} rows of {', '.join(few[:5])}.",
            next="Judge the trained model on those apart from the rest.",
        )


def languages(report: Report) -> Iterator[Remark]:
    named = {name: rows for name, rows in report.languages.items() if name != "unknown"}
    most = next(iter(named), None)
    others = {
        name: rows
        for name, rows in named.items()
        if name != most and rows >= _NOT_BY_CHANCE * report.counts.kept
    }
    if others:
        shares = ", ".join(
            f"{name} {percent(n / report.counts.kept)}" for name, n in others.items()
        )
        yield Remark(
            level="know",
            text=f"Not all sources are in one language ({most}); there are also: {shares}.",
            next="The base has to know them all; else drop them with the step for languages.",
        )


def splits_alike(report: Report) -> Iterator[Remark]:
    medians = {
        split.split: split.source_words.median for split in report.splits if split.source_words
    }
    train = medians.get("train")
    for split in _HELD_OUT:
        if train and split in medians and not 1 / _FAR <= medians[split] / train <= _FAR:
            yield Remark(
                level="know",
                text=f"Sources of {split} have a median of {medians[split]:,.0f} words, those of "
                f"train {train:,.0f}: scores there say little about texts like train's.",
            )


def groups(report: Report) -> Iterator[Remark]:
    largest: SplitFigures | None = max(report.splits, key=lambda it: it.largest_group, default=None)
    if largest is None or largest.groups <= 1:
        return
    if largest.largest_group >= max(_LARGE_GROUP, _MUCH_OF_SPLIT * largest.rows):
        yield Remark(
            level="know",
            text=f"One group has {largest.largest_group:,} of the {largest.rows:,} rows of "
            f"{largest.split}: the version speaks mostly of one patient or encounter.",
        )
