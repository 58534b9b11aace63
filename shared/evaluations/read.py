"""The examples of an evaluation, and what its candidates made of them, page by page.

Needs a transaction of the vault's tenant. The documents' custom ids are lines of the dataset
version, so that both are found without keeping a text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from shared.schemas.explanations import Trace
from shared.schemas.summaries import SummaryBody
from shared.tables import DatasetMember, Document, DocumentContent, Example, Summary
from shared.vault import TenantVault


@dataclass(frozen=True, slots=True)
class Sample:
    """An example that candidates are judged on."""

    line: int
    note_type: str
    source: str
    reference: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """What a candidate made of an example."""

    text: str
    route: str
    coverage: float
    input_tokens: int
    output_tokens: int
    seconds: float | None = None
    memory_bytes: int | None = None


def read_lines(
    session: Session, vault: TenantVault, batch: UUID, *, after: int, limit: int
) -> list[tuple[int, int]]:
    """A keyset page of a candidate's documents: their place in the batch, and the example's line.

    `after`: past this place. What was erased since is not there any more.
    """
    rows = session.execute(
        select(Document.line, Document.id, DocumentContent.custom_id_sealed)
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .where(Document.batch_id == batch, Document.line > after)
        .order_by(Document.line)
        .limit(limit)
    ).all()
    return [
        (row.line, int(vault.open(row.custom_id_sealed, row=row.id, field="custom_id")))
        for row in rows
    ]


def read_samples(
    session: Session, vault: TenantVault, version: UUID, lines: Sequence[int]
) -> list[Sample]:
    """By line; those that were erased since are left out."""
    rows = session.execute(
        select(DatasetMember, Example)
        .join(Example, Example.id == DatasetMember.example_id)
        .where(DatasetMember.version_id == version, DatasetMember.line.in_(lines))
        .where(Example.erased_at.is_(None), Example.target_sealed.is_not(None))
        .order_by(DatasetMember.line)
    ).all()
    return [
        Sample(
            member.line,
            member.note_type,
            vault.open(example.source_sealed or b"", row=example.id, field="source"),
            vault.open(example.target_sealed or b"", row=example.id, field="target"),
            _metadata(vault, member, example.id),
        )
        for member, example in rows
    ]


def read_made(
    session: Session, vault: TenantVault, batch: UUID, lines: Sequence[int]
) -> dict[int, Made]:
    """Line → summary, of those that succeeded."""
    macs = {vault.mac(str(line), purpose="custom_id"): line for line in lines}
    rows = session.execute(
        select(Document.custom_id_mac, Summary)
        .join(Summary, Summary.document_id == Document.id)
        .where(Document.batch_id == batch, Document.custom_id_mac.in_(macs))
        .where(Document.status == "succeeded")
    ).all()
    return {macs[row.custom_id_mac]: _made(vault, row) for row in rows}


def read_targets(
    session: Session, vault: TenantVault, places: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], str]:
    """(dataset version, line) → target."""
    found = {}
    for version in {version for version, _ in places}:
        lines = [line for each, line in places if each == version]
        rows = session.execute(
            select(DatasetMember.line, Example.id, Example.target_sealed)
            .join(Example, Example.id == DatasetMember.example_id)
            .where(DatasetMember.version_id == version, DatasetMember.line.in_(lines))
            .where(Example.erased_at.is_(None), Example.target_sealed.is_not(None))
        ).all()
        for row in rows:
            found[version, row.line] = vault.open(row.target_sealed, row=row.id, field="target")
    return found


def _made(vault: TenantVault, row: Row[*tuple[Any, ...]]) -> Made:
    summary: Summary = row.Summary
    opened = vault.open(summary.body_sealed, row=summary.id, field="body")
    trace = Trace()
    if summary.trace_sealed is not None:
        trace = Trace.model_validate_json(
            vault.open(summary.trace_sealed, row=summary.id, field="trace")
        )
    return Made(
        SummaryBody.model_validate_json(opened).text,
        summary.route,
        summary.coverage,
        summary.input_tokens,
        summary.output_tokens,
        trace.seconds,
        trace.memory_bytes,
    )


def _metadata(vault: TenantVault, member: DatasetMember, example: UUID) -> dict[str, str]:
    sealed = member.metadata_sealed
    if sealed is None:
        return {}
    read: dict[str, str] = json.loads(vault.open(sealed, row=example, field="metadata"))
    return read
