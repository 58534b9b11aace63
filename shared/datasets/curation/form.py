"""Steps that look at one row alone, and at no more than its characters."""

import re
from collections.abc import Iterator

from shared.datasets.curation.catalogue import Settings
from shared.datasets.records import Candidate
from shared.datasets.similarity.normal import tokens

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
"""Control characters but tab, line and page breaks; what a decoder puts for broken bytes."""


def empty(candidate: Candidate, _: Settings) -> Iterator[str]:
    """A source or a target without a word or figure; a missing target is none."""
    if not tokens(candidate.source):
        yield "source"
    if candidate.target is not None and not tokens(candidate.target):
        yield "target"


def control_characters(candidate: Candidate, settings: Settings) -> Iterator[str]:
    for name, text in (("source", candidate.source), ("target", candidate.target or "")):
        count = len(_UNREADABLE.findall(text))
        if count > settings["most"]:
            yield f"{count} in the {name}"


def longer_than_source(candidate: Candidate, settings: Settings) -> Iterator[str]:
    source, target = len(tokens(candidate.source)), len(tokens(candidate.target or ""))
    if target > settings["ratio"] * source:
        yield f"target {target} words, source {source}"
