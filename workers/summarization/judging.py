"""A draft, sentence by sentence: its evidence, its findings, and what the policy does about them.

A finding is flagged, its sentence is dropped, or the draft is not good enough and its document
takes the next route down.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.checks.check import check_summary
from shared.checks.finding import CheckName, Finding
from shared.checks.sentence import Sentence as CheckedSentence
from shared.checks.source import Source
from shared.note_types.shipped import NoteType
from shared.schemas.explanations import DroppedSentence
from shared.schemas.note_types import Action, PolicyKey, Style
from shared.schemas.summaries import Evidence, Issue, Reason, Sentence
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.sentences import sentence_spans
from shared.text.spans import Span
from workers.summarization.note import Note

_LIST_MARK = re.compile(r"\A[-*•]\s+")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`text` is what is left of the draft, in the note type's style."""

    text: str
    sentences: list[Sentence]
    dropped: list[DroppedSentence]
    not_checked: tuple[CheckName, ...]
    steps_down: bool
    """Whether the policy asks for the next route."""

    @property
    def fault(self) -> Reason | None:
        """Why the draft is not good enough, if so: one that rests on nothing never is."""
        rests = any(said.evidence for said in self.sentences)
        return "failed_checks" if self.steps_down or not rests else None


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of the draft; `gap` is the white space before it."""

    place: int
    gap: str
    checked: CheckedSentence
    findings: tuple[Finding, ...] = ()

    @property
    def faults(self) -> frozenset[PolicyKey]:
        """What the policy may act upon."""
        found = frozenset[PolicyKey](finding.check for finding in self.findings)
        return found if self.checked.evidence.supported else found | {"unsupported"}


def judge(
    text: str,
    note: Note,
    *,
    others: Sequence[Source] = (),
    is_last: bool = False,
) -> Judgement:
    """What is left of a draft under the policy of its note type.

    Args:
        text: the draft.
        note: what it is a summary of.
        others: documents that were read in the same forward pass.
        is_last: whether there is no route below: then not everything is dropped.
    """
    source, note_type = note.facts, note.note_type
    kept = list(_read(text, source.index, note_type.style))
    dropped: list[_Said] = []
    while True:
        checked = [said.checked for said in kept]
        report = check_summary(checked, source, language=note.language, others=others)
        kept = [
            _Said(said.place, said.gap, said.checked, tuple(findings))
            for said, findings in zip(kept, report.findings, strict=True)
        ]
        lost = _lost(kept, note_type)
        if not lost or (is_last and len(lost) == len(kept)):
            break
        dropped += lost
        kept = [said for said in kept if said not in lost]
    laid_out, spans = _laid_out(kept, note_type.style)
    return Judgement(
        laid_out,
        [_sentence(said, span, source.index) for said, span in zip(kept, spans, strict=True)],
        [_dropped(said) for said in sorted(dropped, key=lambda said: said.place)],
        report.not_checked,
        any(_calls_for("step_down", said.faults, note_type) for said in [*kept, *dropped]),
    )


def _read(text: str, index: SourceIndex, style: Style) -> Iterator[_Said]:
    for place, (before, span) in enumerate(pairwise([Span(0, 0), *sentence_spans(text)])):
        said = span.of(text)
        if style == "list":
            said = " ".join(_LIST_MARK.sub("", said).split())
        checked = CheckedSentence(said, find_evidence(said, index))
        yield _Said(place, text[before.end : span.start], checked)


def _lost(said: Iterable[_Said], note_type: NoteType) -> list[_Said]:
    """Those to be dropped now: of a repeat whose first is dropped, the second is none any more."""
    lost = [each for each in said if _calls_for("drop", each.faults, note_type)]
    own = [each for each in lost if _calls_for("drop", each.faults - {"repeated"}, note_type)]
    return own or lost


def _calls_for(action: Action, faults: Iterable[PolicyKey], note_type: NoteType) -> bool:
    return any(note_type.policy[fault] == action for fault in faults)


def _laid_out(kept: Sequence[_Said], style: Style) -> tuple[str, list[Span]]:
    """The text of the sentences, and where each of them stands in it."""
    text, spans = "", []
    for said in kept:
        if style == "list":
            text += "\n- " if text else "- "
        elif text:
            text += said.gap
        spans.append(Span(len(text), len(text) + len(said.checked.text)))
        text += said.checked.text
    return text, spans


def _sentence(said: _Said, span: Span, index: SourceIndex) -> Sentence:
    found = said.checked.evidence
    evidence = [
        Evidence(start=at.start, end=at.end, section=index.section_at(at.start))
        for at in found.spans
    ]
    return Sentence(
        text=said.checked.text,
        supported=found.supported,
        support=round(found.support, 3),
        evidence=evidence,
        issues=[_issue(finding.moved(span.start)) for finding in said.findings],
    )


def _dropped(said: _Said) -> DroppedSentence:
    return DroppedSentence(
        text=said.checked.text,
        supported=said.checked.evidence.supported,
        support=round(said.checked.evidence.support, 3),
        issues=[_issue(finding) for finding in said.findings],
    )


def _issue(found: Finding) -> Issue:
    return Issue(check=found.check, text=found.text, start=found.start, end=found.end)
