"""Take an upload's rows into a version, and queue it for curation.

The rows come in pieces, each in a transaction of its own, into a version that nobody sees before it
is submitted; what was not submitted is deleted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import outbox
from shared.datasets.records import RejectedRow, Row
from shared.errors import InvalidInput
from shared.ids import new_id
from shared.messages import DatasetsQueued
from shared.schemas.datasets import PermittedUse, Recipe
from shared.tables import Dataset, DatasetMember, DatasetVersion, Example
from shared.vault import TenantVault


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a version says of its rows, where they say nothing themselves."""

    note_type: str
    origin: str
    licence: str | None
    permitted_use: PermittedUse
    holds_patient_data: bool


def begin_version(  # noqa: PLR0913 - what a version says of itself
    session: Session,
    tenant: UUID,
    name: str,
    provenance: Provenance,
    recipe: Recipe,
    derived_from: UUID | None = None,
) -> UUID:
    """An empty version that receives rows. Needs a transaction of the tenant."""
    session.execute(
        insert(Dataset)
        .values(id=new_id(), tenant_id=tenant, name=name)
        .on_conflict_do_nothing(index_elements=["tenant_id", "name"])
    )
    dataset = session.execute(select(Dataset.id).where(Dataset.name == name)).scalar_one()
    version = new_id()
    session.execute(
        insert(DatasetVersion).values(
            id=version,
            tenant_id=tenant,
            dataset_id=dataset,
            derived_from=derived_from,
            note_type=provenance.note_type,
            origin=provenance.origin,
            licence=provenance.licence,
            permitted_use=provenance.permitted_use,
            holds_patient_data=provenance.holds_patient_data,
            recipe=recipe.model_dump(mode="json"),
            status="receiving",
        )
    )
    return version


def add_rows(
    session: Session,
    vault: TenantVault,
    version: UUID,
    provenance: Provenance,
    rows: Sequence[Row | RejectedRow],
) -> None:
    """Seal some rows into the version; an example that is there already is not stored again."""
    readable = [row for row in rows if isinstance(row, Row)]
    ids = store_examples(session, vault, [(row.source, row.target) for row in readable])
    by_line = {row.line: example for row, example in zip(readable, ids, strict=True)}
    members = [
        _member(vault, version, provenance, row, by_line[row.line])
        if isinstance(row, Row)
        else _rejected(vault.tenant, version, provenance, row)
        for row in rows
    ]
    if members:
        session.execute(insert(DatasetMember), members)
    session.execute(
        update(DatasetVersion).where(DatasetVersion.id == version).values(received_at=func.now())
    )


def submit_version(session: Session, version: UUID) -> int:
    """Number the version and queue it. Raises InvalidInput for one without a row."""
    rows = session.scalar(
        select(func.count()).select_from(DatasetMember).where(DatasetMember.version_id == version)
    )
    if not rows:
        raise InvalidInput(
            "The upload holds no row.",
            code="empty_dataset",
            how_to_fix="Send at least one row with a `source`.",
        )
    return queue_version(session, version, total=rows)


def queue_version(session: Session, version: UUID, *, total: int = 0) -> int:
    """Number the version and queue it; `total`: its rows, 0 where its maker is to collect them."""
    dataset = session.scalars(
        select(DatasetVersion.dataset_id).where(DatasetVersion.id == version)
    ).one()
    # The dataset's row keeps two uploads from taking one number.
    session.execute(select(Dataset.id).where(Dataset.id == dataset).with_for_update())
    newest = session.scalar(
        select(func.max(DatasetVersion.number)).where(DatasetVersion.dataset_id == dataset)
    )
    number = (newest or 0) + 1
    session.execute(
        update(DatasetVersion)
        .where(DatasetVersion.id == version)
        .values(status="queued", number=number, total=total)
    )
    outbox.enqueue(session, DatasetsQueued())
    return number


def abandon_version(session: Session, version: UUID) -> None:
    """Delete what was received of an upload that is not to be."""
    session.execute(
        delete(DatasetVersion).where(
            DatasetVersion.id == version, DatasetVersion.status == "receiving"
        )
    )


def store_examples(
    session: Session, vault: TenantVault, pairs: Sequence[tuple[str, str | None]]
) -> list[UUID]:
    """The examples' ids, in order; only what is new is written."""
    by_id = {}
    ids = []
    for source, target in pairs:
        digest = vault.mac(json.dumps([source, target]), purpose="example")
        example = UUID(bytes=digest[:16])
        ids.append(example)
        by_id[example] = (digest, source, target)
    rows = [
        {
            "id": example,
            "tenant_id": vault.tenant,
            "digest": digest,
            "source_sealed": vault.seal(source, row=example, field="source"),
            "target_sealed": None
            if target is None
            else vault.seal(target, row=example, field="target"),
            "source_length": len(source),
            "target_length": len(target or ""),
        }
        for example, (digest, source, target) in sorted(by_id.items())
    ]
    if rows:
        # In order of ids, or two uploads of the same rows would wait for each other.
        statement = insert(Example)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["id"],
                set_={
                    "seen_at": func.now(),
                    # An erased example that somebody sends again is there again.
                    "erased_at": None,
                    "source_sealed": func.coalesce(
                        Example.source_sealed, statement.excluded.source_sealed
                    ),
                    "target_sealed": func.coalesce(
                        Example.target_sealed, statement.excluded.target_sealed
                    ),
                },
            ),
            rows,
        )
    return ids


def _member(
    vault: TenantVault, version: UUID, provenance: Provenance, row: Row, example: UUID
) -> dict[str, object]:
    return {
        **_blank(vault.tenant, version, provenance, row.line),
        "example_id": example,
        "note_type": row.note_type or provenance.note_type,
        "group_mac": group_of(vault, row),
        "metadata_sealed": _metadata(vault, example, row),
        "permitted_use": row.permitted_use or provenance.permitted_use,
        "asked_split": row.split,
    }


def _rejected(
    tenant: UUID, version: UUID, provenance: Provenance, row: RejectedRow
) -> dict[str, object]:
    return {
        **_blank(tenant, version, provenance, row.line),
        "decision": "reject",
        "reason": row.reason,
        "detail": row.detail,
    }


def _blank(tenant: UUID, version: UUID, provenance: Provenance, line: int) -> dict[str, object]:
    """Every column of a member: rows of one statement have to have the same."""
    return {
        "version_id": version,
        "line": line,
        "tenant_id": tenant,
        "example_id": None,
        "note_type": provenance.note_type,
        "group_mac": None,
        "metadata_sealed": None,
        "permitted_use": provenance.permitted_use,
        "asked_split": None,
        "decision": None,
        "reason": None,
        "detail": None,
        "kind": "uploaded",
    }


def group_of(vault: TenantVault, row: Row) -> bytes:
    """The group that keeps together what must not be split: a patient's rows, else one source's."""
    if row.group_id is not None:
        return vault.mac(row.group_id, purpose="subject")
    return vault.mac(row.source, purpose="example source")


def _metadata(vault: TenantVault, example: UUID, row: Row) -> bytes | None:
    """Bound to the example, so that a derived version can hold it too."""
    if not row.metadata:
        return None
    return vault.seal(json.dumps(row.metadata), row=example, field="metadata")
