"""The examples of a version: for curation all of its rows, for training those that were kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.datasets.records import Candidate, Decision, Judged
from shared.datasets.splits.assign import Member
from shared.schemas.datasets import MADE, Decided, Kind, Recipe, Split
from shared.tables import DatasetMember, DatasetVersion, Document, DocumentContent, Example
from shared.vault import TenantVault


@dataclass(frozen=True, slots=True)
class Pair:
    """One kept example of a version."""

    line: int
    example: UUID
    note_type: str
    source: str
    target: str | None
    group: bytes | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a version is to be made of, and how."""

    dataset: UUID
    parent: UUID | None
    recipe: Recipe
    total: int
    """Its rows; 0 for one whose rows have yet to be collected."""
    last_line: int
    label_batch: UUID | None
    """The batch that writes its pseudo-labels, once there is one."""


def read_plan(session: Session, version: UUID) -> Plan:
    """Needs a transaction of the tenant."""
    row = session.get_one(DatasetVersion, version)
    last_line = session.scalar(
        select(func.max(DatasetMember.line)).where(
            DatasetMember.version_id == version, DatasetMember.kind.not_in(MADE)
        )
    )
    recipe = Recipe.model_validate(row.recipe)
    return Plan(
        row.dataset_id, row.derived_from, recipe, row.total, last_line or 0, row.label_batch_id
    )


def read_members(session: Session, version: UUID, *, after: int, limit: int) -> list[Member]:
    """A keyset page, by line, of the kept rows, as splitting sees them."""
    rows = session.execute(
        select(
            DatasetMember.line,
            DatasetMember.group_mac,
            DatasetMember.note_type,
            DatasetMember.asked_split,
        )
        .where(DatasetMember.version_id == version, DatasetMember.line > after)
        .where(DatasetMember.decision == "keep", DatasetMember.group_mac.is_not(None))
        .order_by(DatasetMember.line)
        .limit(limit)
    )
    return [
        Member(row.line, row.group_mac or b"", row.note_type, cast("Split | None", row.asked_split))
        for row in rows
    ]


def read_rows(
    session: Session, vault: TenantVault, version: UUID, *, after: int, limit: int
) -> list[Judged]:
    """A keyset page, by line, of the rows that could be read."""
    rows = session.execute(
        select(DatasetMember, Example)
        .join(Example, Example.id == DatasetMember.example_id)
        .where(DatasetMember.version_id == version, DatasetMember.line > after)
        .where(Example.erased_at.is_(None))
        .order_by(DatasetMember.line)
        .limit(limit)
    ).all()
    return [
        Judged(
            Candidate(
                line=member.line,
                source=_source(vault, example),
                target=_target(vault, example),
                note_type=member.note_type,
                group=member.group_mac,
                split=cast("Split | None", member.asked_split),
                kind=cast("Kind", member.kind),
                parent_line=member.parent_line,
            ),
            Decision(
                member.line,
                cast("Decided", member.decision or "keep"),
                member.reason,
                member.detail,
                tuple(member.findings),
            ),
            cast("Split | None", member.split),
        )
        for member, example in rows
    ]


def read_pairs(  # noqa: PLR0913 - a page of a split has these coordinates
    session: Session,
    vault: TenantVault,
    version: UUID,
    split: Split,
    *,
    after: int,
    limit: int,
    for_training: bool = False,
) -> Sequence[Pair]:
    """A keyset page, by line, of what was kept for a split.

    `for_training` leaves out what may not be trained on.
    """
    query = (
        select(DatasetMember, Example)
        .join(Example, Example.id == DatasetMember.example_id)
        .where(DatasetMember.version_id == version, DatasetMember.split == split)
        .where(DatasetMember.decision == "keep", DatasetMember.line > after)
        .where(Example.erased_at.is_(None))
        .order_by(DatasetMember.line)
        .limit(limit)
    )
    if for_training:
        query = query.where(DatasetMember.permitted_use == "training")
    else:
        query = query.where(DatasetMember.permitted_use != "none")
    return [
        Pair(
            member.line,
            example.id,
            member.note_type,
            _source(vault, example),
            _target(vault, example),
            member.group_mac,
        )
        for member, example in session.execute(query).all()
    ]


def lately_summarized(
    session: Session, vault: TenantVault, version: UUID, *, limit: int = 500
) -> list[str]:
    """Texts of the newest documents of the version's note type, to compare it with."""
    rows = session.execute(
        select(Document.id, DocumentContent.text_sealed)
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .join(DatasetVersion, DatasetVersion.note_type == Document.note_type)
        .where(DatasetVersion.id == version, Document.status == "succeeded")
        .where(Document.purpose == "summary")
        .order_by(Document.id.desc())
        .limit(limit)
    )
    return [vault.open(sealed or b"", row=row, field="text") for row, sealed in rows]


def _source(vault: TenantVault, example: Example) -> str:
    return vault.open(example.source_sealed or b"", row=example.id, field="source")


def _target(vault: TenantVault, example: Example) -> str | None:
    sealed = example.target_sealed
    return None if sealed is None else vault.open(sealed, row=example.id, field="target")
