"""Targets that say what their source does not."""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from shared.checks.check import check_summary
from shared.checks.finding import CheckName
from shared.checks.sentence import Sentence
from shared.datasets.curation.catalogue import Settings
from shared.datasets.curation.reading import language_of, source_of
from shared.datasets.records import Candidate
from shared.scoring.support import weaker_half
from shared.text.evidence import find_evidence
from shared.text.sections import headings
from shared.text.sentences import sentence_spans
from shared.text.words import words

_OF_FORM = frozenset[CheckName](("repeated", "boilerplate", "instruction", "other_document"))
_OF_FACTS = tuple(name for name in get_args(CheckName) if name not in _OF_FORM)


def ungrounded(candidate: Candidate, settings: Settings) -> Iterator[str]:
    """What the checks of summaries say about the target, and how little of it the source holds.

    `support` is that of shared/scoring/support.py: the mean of the target's weaker half.
    """
    sentences = _sentences(candidate)
    if not sentences:
        return
    language = language_of(candidate.source)
    source = source_of(candidate.source)
    report = check_summary(sentences, source, language=language, without=_OF_FORM)
    found = Counter(finding.check for findings in report.findings for finding in findings)
    details = [f"{name} {found[name]}" for name in _OF_FACTS if found[name]]
    if sum(found[name] for name in _OF_FACTS) < settings["findings"]:
        details = []
    support = weaker_half(sentence.evidence.support for sentence in sentences)
    if support < settings["support"]:
        details.append(f"support {support:.2f}")
    if details:
        yield ", ".join(details)


def _sentences(candidate: Candidate) -> list[Sentence]:
    """Of the target, without its headings."""
    target = candidate.target or ""
    titles = {heading.span for heading in headings(target)}
    index = source_of(candidate.source).index
    return [
        Sentence(said, find_evidence(said, index))
        for span in sentence_spans(target)
        if span not in titles and words(said := span.of(target))
    ]
