"""The examples that a prompt may show: kept rows of a dataset version's training split.

Needs a transaction of the vault's tenant.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from shared.prompts.render import Shown
from shared.tables import DatasetMember, Example
from shared.vault import TenantVault

_PAGE = 500


class Source(NamedTuple):
    line: int
    group: bytes | None
    """Keyed digest of the patient, as of a document's subject."""
    text: str


def usable() -> ColumnElement[bool]:
    """Neither validation nor test, nor what may not be learned from."""
    return and_(
        DatasetMember.split == "train",
        DatasetMember.decision == "keep",
        DatasetMember.permitted_use == "training",
        Example.erased_at.is_(None),
        Example.target_sealed.is_not(None),
    )


def has_examples(session: Session, version: UUID) -> bool:
    return session.execute(_members(version).limit(1)).first() is not None


def read_sources(session: Session, vault: TenantVault, version: UUID) -> Iterator[Source]:
    """All of a dataset version, by line."""
    query = _members(version, DatasetMember.group_mac, Example.source_sealed)
    for row in session.execute(query.execution_options(yield_per=_PAGE)):
        yield Source(
            row.line,
            row.group_mac,
            vault.open(row.source_sealed or b"", row=row.id, field="source"),
        )


def read_shown(
    session: Session, vault: TenantVault, version: UUID, lines: Sequence[int]
) -> dict[int, Shown]:
    """By line; what was erased since, or its version deleted, is left out."""
    query = _members(version, Example.source_sealed, Example.target_sealed)
    rows = session.execute(query.where(DatasetMember.line.in_(lines)))
    return {
        row.line: Shown(
            vault.open(row.source_sealed or b"", row=row.id, field="source"),
            vault.open(row.target_sealed or b"", row=row.id, field="target"),
        )
        for row in rows
    }


def _members(version: UUID, *columns: object) -> Select[*tuple[object, ...]]:
    return (
        select(DatasetMember.line, Example.id, *columns)
        .join(Example, Example.id == DatasetMember.example_id)
        .where(DatasetMember.version_id == version, usable())
        .order_by(DatasetMember.line)
    )
