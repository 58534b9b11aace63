"""What passes between the parts of a dataset's making, before and beside its rows in Postgres."""

from dataclasses import dataclass, field

from shared.schemas.datasets import Decided, Kind, PermittedUse, Split


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an upload, read. `line` is its place, from 1, over all of the upload's files."""

    line: int
    source: str
    target: str | None = None
    group_id: str | None = None
    note_type: str | None = None
    split: Split | None = None
    permitted_use: PermittedUse | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be read, and why; its neighbours go on. `detail` never quotes it."""

    line: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of a version as curation sees it."""

    line: int
    source: str
    target: str | None
    note_type: str
    group: bytes | None = None
    split: Split | None = None
    """The split that the upload asks for, or that the group has already."""
    kind: Kind = "uploaded"
    parent_line: int | None = None


@dataclass(frozen=True, slots=True)
class Augmented:
    """A new example of a row.

    `made_by`: the operator that made it, `abbreviations@1`, or the version that wrote its target,
    `models:/visit/2`.
    """

    parent_line: int
    made_by: str
    source: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """What a step found about a row. `other_line`: the row that it has to do with."""

    step: str
    line: int
    detail: str
    other_line: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a row: the first finding whose step drops it, else it is kept."""

    line: int
    decision: Decided
    reason: str | None = None
    detail: str | None = None
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what was decided about it; `decision` is `keep` until something is found."""

    candidate: Candidate
    decision: Decision
    split: Split | None

    @property
    def line(self) -> int:
        return self.candidate.line
