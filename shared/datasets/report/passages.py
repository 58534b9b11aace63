"""Short quotations of rows, drawn at random."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.datasets.records import Judged
from shared.datasets.report.sketches import Reservoir
from shared.schemas.dataset_reports import FindingExamples, Passage
from shared.text.spans import Span

NUMBER_NOT_FOUND = "number_not_found"
_QUOTED = 220
_EXAMPLES = 3
_MOST_FINDINGS = 24
_SAMPLES = 3
_SAMPLE_QUOTED = 600
_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What the report itself found about a row, and where in its target."""

    finding: str
    span: Span


class Passages:
    """Examples of each finding, and a few of the kept rows."""

    def __init__(self) -> None:
        self._findings: dict[str, Reservoir[Passage]] = {}
        self._samples: Reservoir[Passage] = Reservoir(_SAMPLES)

    def add(self, row: Judged, seen: Iterable[Seen]) -> None:
        """`seen`: what is to be shown of the row beside the findings of its decision."""
        for finding in dict.fromkeys(row.decision.findings):
            self._add(finding, row, None)
        for one in seen:
            self._add(one.finding, row, one.span)
        if row.decision.decision == "keep" and (place := self._samples.place()) is not None:
            self._samples.put(place, _passage(row, _SAMPLE_QUOTED, None))

    def _add(self, finding: str, row: Judged, span: Span | None) -> None:
        if finding not in self._findings and len(self._findings) >= _MOST_FINDINGS:
            return
        examples = self._findings.setdefault(finding, Reservoir(_EXAMPLES))
        if (place := examples.place()) is not None:
            examples.put(place, _passage(row, _QUOTED, span))

    def findings(self) -> list[FindingExamples]:
        """That of most rows first."""
        ordered = sorted(self._findings.items(), key=lambda item: (-item[1].seen, item[0]))
        return [
            FindingExamples(finding=name, rows=drawn.seen, examples=_by_line(drawn))
            for name, drawn in ordered
        ]

    def samples(self) -> list[Passage]:
        return _by_line(self._samples)


def _by_line(drawn: Reservoir[Passage]) -> list[Passage]:
    return sorted(drawn.kept, key=lambda passage: passage.line)


def _passage(row: Judged, length: int, span: Span | None) -> Passage:
    """`span`: what is to be seen of the target, else its beginning."""
    candidate, detail = row.candidate, row.decision.detail
    if span is not None and candidate.target is not None:
        detail = f"the target says {span.of(candidate.target)}"
    start = 0 if span is None else max(0, span.start - length // 2)
    return Passage(
        line=row.line,
        split=row.split,
        decision=row.decision.decision,
        detail=None if detail is None else quotation(detail, _DETAIL),
        source=quotation(candidate.source, length),
        target=None if candidate.target is None else quotation(candidate.target, length, start),
    )


def quotation(text: str, length: int, start: int = 0) -> str:
    """A passage of a text on one line, without what cannot be printed."""
    room = text[start : start + 4 * length]
    line = " ".join(room.split())
    line = "".join(character if character.isprintable() else "\ufffd" for character in line)
    ends = len(line) <= length and start + len(room) == len(text)
    quoted = line if ends else f"{line[:length].rstrip()} \u2026"
    return f"\u2026 {quoted}" if start else quoted
