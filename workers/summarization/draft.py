"""A text that may become a summary, and how it came to be."""

from dataclasses import dataclass

from shared.checks.check import check_summary
from shared.checks.finding import Finding
from shared.checks.sentence import Sentence as CheckedSentence
from shared.checks.source import Source
from shared.documents.complete import Summarized
from shared.documents.ledger import Claim
from shared.note_types.shipped import NoteType
from shared.schemas.summaries import (
    Evidence,
    Issue,
    ProducedBy,
    Quality,
    Sentence,
    SummaryBody,
    Usage,
)
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class ClaimedText:
    """A claimed document, its text, and what its tenant says about such documents."""

    claim: Claim
    text: str
    note_type: NoteType
    remote_permitted: bool
    """Whether the text may go to a prompt server."""
    language: str | None = None
    """BCP 47, given or detected."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`coverage`: the share of the source that was read to write it."""

    text: str
    produced_by: ProducedBy
    usage: Usage
    coverage: float
    warnings: tuple[str, ...] = ()


def with_evidence(source: ClaimedText, draft: Draft) -> Summarized:
    """The draft, each sentence tied to the source it came from and checked against it."""
    index = SourceIndex(source.text)
    spans = sentence_spans(draft.text)
    said = [
        CheckedSentence(span.of(draft.text), find_evidence(span.of(draft.text), index))
        for span in spans
    ]
    report = check_summary(said, Source(index), language=source.language)
    sentences = [
        _sentence(sentence, index, [finding.moved(span.start) for finding in findings])
        for sentence, span, findings in zip(said, spans, report.findings, strict=True)
    ]
    issues = [issue for sentence in sentences for issue in sentence.issues]
    quality = Quality(
        coverage=draft.coverage,
        unsupported_sentences=sum(not sentence.supported for sentence in sentences),
        number_mismatches=sum(issue.check == "number_not_in_source" for issue in issues),
    )
    body = SummaryBody(
        text=draft.text, sentences=sentences, quality=quality, warnings=list(draft.warnings)
    )
    return Summarized(source.claim, body, draft.produced_by, draft.usage, source.language)


def _sentence(said: CheckedSentence, index: SourceIndex, findings: list[Finding]) -> Sentence:
    found = said.evidence
    evidence = [
        Evidence(start=at.start, end=at.end, section=index.section_at(at.start))
        for at in found.spans
    ]
    return Sentence(
        text=said.text,
        supported=found.supported,
        support=round(found.support, 3),
        evidence=evidence,
        issues=[Issue(check=f.check, text=f.text, start=f.start, end=f.end) for f in findings],
    )
