"""The report as a page for people: pictures and words around the figures.

One HTML file that needs nothing else: no script, no font, no address. All text is escaped by the
template's environment; what the pictures hold is escaped where they are drawn.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from shared.datasets.report.finding_names import in_words
from shared.datasets.report.measurements import LENGTH_EDGES, RATIO_EDGES, SHARE_EDGES
from shared.datasets.report.pictures.bars import Bar, bars, part_names, stacked
from shared.datasets.report.pictures.cells import coverage_and_density
from shared.datasets.report.pictures.histogram import Series, histogram
from shared.datasets.report.written import number, percent
from shared.schemas.dataset_reports import (
    Comparison,
    Distribution,
    Extractiveness,
    Report,
    Vocabulary,
)

_SHOWN_TERMS = 15


def render_page(name: str, report: Report) -> str:
    """One HTML file that needs nothing else: no script, no font, no address."""
    return (
        _template()
        .render(
            name=name,
            report=report,
            pictures=_pictures(report),
            legend=part_names({split.split: split.note_types for split in report.splits}),
        )
        .lstrip()
    )


def _pictures(report: Report) -> dict[str, Markup]:
    """By name; what there is nothing to draw of is left out."""
    drawn = {
        **_of_lengths(report),
        **_of_splits(report),
        **_of_terms("source", report.source_vocabulary),
        **_of_terms("target", report.target_vocabulary),
    }
    if report.extractiveness is not None:
        drawn |= _of_extractiveness(report.extractiveness)
    if report.lately is not None and report.lengths.source_words is not None:
        drawn["lately"] = _of_lately(report.lately, report.lengths.source_words)
    return drawn


def _of_lengths(report: Report) -> dict[str, Markup]:
    lengths = report.lengths
    wanted = (
        ("source_words", "Words of sources", "sources", lengths.source_words, LENGTH_EDGES),
        ("target_words", "Words of targets", "targets", lengths.target_words, LENGTH_EDGES),
        ("compression", "Compression", "compression", lengths.compression, RATIO_EDGES),
    )
    drawn = {
        key: histogram(
            title,
            [Series(of, "target" if of == "targets" else "source", values)],
            edges,
            "words" if of != "compression" else "words of source a word of target",
        )
        for key, title, of, values, edges in wanted
        if values is not None
    }
    if report.windows:
        drawn["windows"] = bars(
            "Sources cut off by a model's window",
            [
                Bar(f"{window.tokens:,} tokens", window.share_cut, percent(window.share_cut))
                for window in report.windows
            ],
            "source",
        )
    return drawn


def _of_splits(report: Report) -> dict[str, Markup]:
    if not report.splits:
        return {}
    return {
        "note_types": stacked(
            "Note types of each split", {split.split: split.note_types for split in report.splits}
        )
    }


def _of_extractiveness(of: Extractiveness) -> dict[str, Markup]:
    coverage = Series("coverage", "target", of.coverage)
    return {
        "coverage": histogram("Coverage", [coverage], SHARE_EDGES, "of words", share=True),
        "cells": coverage_and_density("Coverage and density", of.cells),
        "novelty": bars(
            "New n-grams in targets",
            [
                Bar("words" if n == 1 else f"{n} words in a row", share, percent(share))
                for n, share in of.novelty.items()
            ],
            "target",
        ),
    }


def _of_terms(of: str, vocabulary: Vocabulary) -> dict[str, Markup]:
    if not vocabulary.top:
        return {}
    items = [Bar(it.term, it.share, percent(it.share)) for it in vocabulary.top[:_SHOWN_TERMS]]
    return {f"{of}_terms": bars(f"Words that most {of}s hold", items, of)}


def _of_lately(lately: Comparison, here: Distribution) -> Markup:
    series = [Series("sources here", "source", here), Series("lately", "lately", lately.words)]
    return histogram(
        "Words of sources here and of what was asked lately", series, LENGTH_EDGES, "words"
    )


def _unbroken(share: float) -> str:
    return percent(share).replace(" ", "\u00a0")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": _unbroken, "number": number, "in_words": in_words}
    return environment.get_template("page.html.jinja")
