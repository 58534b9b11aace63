"""Remarks on sources and targets: their lengths, their words, and what they are beside others.

The bounds are judgement: they say from where a figure is worth a sentence, not what is right.
"""

from collections.abc import Iterator

from shared.datasets.report.written import number, percent
from shared.schemas.dataset_reports import Remark, Report

_SOME_CUT, _MANY_CUT, _HARDLY_CUT = 0.02, 0.1, 0.01
_SOME_LACKING, _MANY_LACKING = 0.02, 0.05
_MANY_COPIED, _LITTLE_COVERED = 0.1, 0.5
_SOURCES_REPEATED, _TARGETS_REPEATED = 0.01, 0.03
_HARDLY_SHORTER = 1.5
"""Words of the source for each word of the target."""
_MANY_LONGER, _MANY_UNKNOWN = 0.15, 0.05


def window(report: Report) -> Iterator[Remark]:
    cut = {window.tokens: window for window in report.windows}
    if (of_bart := cut[1_024]).share_cut < _SOME_CUT:
        return
    enough = next(
        (window.tokens for window in report.windows if window.share_cut <= _HARDLY_CUT), None
    )
    wider = f"a window of {enough:,} tokens" if enough else "a window of more than 8,192 tokens"
    yield Remark(
        level="act" if of_bart.share_cut >= _MANY_CUT else "know",
        text=f"{percent(of_bart.share_cut)} of the sources exceed a window of 1,024 tokens, behind "
        f"which {percent(of_bart.text_lost)} of all text lies: a model of such a window never "
        "sees what their targets say from there, and learns to invent it.",
        next=f"Take a base with {wider}, which cuts no more than one in a hundred, or split long "
        "sources by section.",
    )


def numbers(report: Report) -> Iterator[Remark]:
    numbers = report.numbers
    share = numbers.lacking / max(1, numbers.with_numbers)
    if share >= _SOME_LACKING:
        yield Remark(
            level="act" if share >= _MANY_LACKING else "know",
            text=f"In {percent(share)} of the rows whose target holds numbers ({numbers.lacking:,} "
            f"of {numbers.with_numbers:,}) it holds one that is not found in its source, in "
            "figures or in words: a model trained on them learns to invent numbers.",
            next="Look at the examples below; derive a version in which ungrounded targets are "
            "dropped rather than flagged.",
        )


def copying(report: Report) -> Iterator[Remark]:
    if (extractive := report.extractiveness) is None:
        return
    rows = extractive.coverage.count
    coverage, copied = extractive.coverage.median, extractive.copied_whole / rows
    if copied >= _MANY_COPIED:
        yield Remark(
            level="know",
            text=f"{percent(copied)} of the targets are one passage of their source, word for "
            "word: a model learns to find it and copy.",
            next="Judge a trained model beside the extractive summarizer; it may not do better.",
        )
    if coverage < _LITTLE_COVERED:
        yield Remark(
            level="know",
            text=f"Half of the targets take less than {percent(coverage)} of their words from "
            "their source: they reword it, or say what it does not.",
            next="Read some pairs: what a target says should follow from its source.",
        )


def duplicates(report: Report) -> Iterator[Remark]:
    source, target = report.duplicates.source, report.duplicates.target
    if source.repeats / source.rows >= _SOURCES_REPEATED:
        yield Remark(
            level="act",
            text=f"{percent(source.repeats / source.rows)} of the sources repeat an earlier one "
            f"({'' if source.exact else 'about '}{source.repeats:,} rows): a model weighs them "
            "that much more.",
            next="Set the duplicates steps to drop in a derived version.",
        )
    if target.rows and target.repeats / target.rows >= _TARGETS_REPEATED:
        yield Remark(
            level="know",
            text=f"{percent(target.repeats / target.rows)} of the targets repeat an earlier one; "
            f"the most common stands in {target.most:,} rows.",
            next="Stock phrases are learned first: see that they are wanted as they are.",
        )


def compression(report: Report) -> Iterator[Remark]:
    shorter = report.lengths.compression
    if shorter is not None and shorter.median < _HARDLY_SHORTER:
        yield Remark(
            level="know",
            text=f"Half of the sources have no more than {number(shorter.median)} words for each "
            "word of their target: this teaches rewriting more than summarizing.",
        )


def lately(report: Report) -> Iterator[Remark]:
    if (lately := report.lately) is None:
        return
    here = report.lengths.source_words
    if here is not None and lately.longer >= _MANY_LONGER:
        yield Remark(
            level="act",
            text=f"{percent(lately.longer)} of what was asked to be summarized lately is longer "
            f"than 95 of 100 sources here ({number(lately.words.median)} words at the median, here "
            f"{number(here.median)}).",
            next="Add long examples: a model does badly beyond the lengths it was trained on.",
        )
    if lately.unknown >= _MANY_UNKNOWN:
        yield Remark(
            level="act",
            text=f"{percent(lately.unknown)} of the words of what was asked lately stand in no "
            "source here: these are other kinds of texts.",
            next="Take examples of what is asked for: reviewed summaries make a version of them.",
        )
    strange = sorted(set(lately.languages) - set(report.languages) - {"unknown"})
    if strange:
        yield Remark(
            level="act",
            text=f"Texts in {', '.join(strange[:5])} were asked for lately; none is here.",
        )
