"""The state machine of a dataset version, and its claims.

    receiving ──submit──▶ queued ──claim──▶ running ──publish──▶ ready
        │                   ▲                  ├──────fail──────▶ failed
        │                   └─ lost, released ─┘
        └─ forgotten: its sender or the API is gone; its rows are deleted

Over `shared/leases.py`: a lease, renewed while the worker lives; a fence that only grows, so that a
worker that was taken for dead publishes nothing. A version is made anew from its rows at each
attempt, so that nothing half-made is ever ready.
"""

from uuid import UUID

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.orm import Session, aliased

from shared import leases
from shared.leases import Lease
from shared.tables import DatasetVersion

_FORGOTTEN = text("now() - interval '10 minutes'")
"""A sender that is silent for a minute is cut off, so this one is gone."""


def claim_version(session: Session, worker: UUID, *, lease_seconds: float) -> Lease | None:
    """The oldest version that waits, of all tenants.

    Versions of one dataset are made one after the other: each finds the groups' splits that the
    one before it has settled.
    """
    sibling = aliased(DatasetVersion)
    first = ~exists().where(
        sibling.dataset_id == DatasetVersion.dataset_id,
        sibling.status.in_(("queued", "running")),
        sibling.number < DatasetVersion.number,
    )
    return leases.claim(session, DatasetVersion, worker, lease_seconds=lease_seconds, when=(first,))


def progress(session: Session, lease: Lease, step: str, done: int, total: int) -> bool:
    """Say what is being done; False when another worker has the version, or it was deleted."""
    return leases.write(session, DatasetVersion, lease, step=step, done=done, total=total)


def await_labels(session: Session, lease: Lease, batch: UUID) -> bool:
    """The version's pseudo-labels are written by this batch; False when it is another's."""
    return leases.write(session, DatasetVersion, lease, label_batch_id=batch)


def publish(session: Session, lease: Lease, **columns: object) -> bool:
    """The version is ready, with its counts and report; False when it is another's."""
    return leases.end(
        session, DatasetVersion, lease, "ready", step=None, ready_at=func.now(), **columns
    )


def fail_version(
    session: Session, lease: Lease, code: str, message: str, how_to_fix: str | None
) -> bool:
    """Neither `message` nor `how_to_fix` ever quotes a row."""
    return leases.end(
        session,
        DatasetVersion,
        lease,
        "failed",
        step=None,
        error_code=code,
        error_message=message,
        error_fix=how_to_fix,
    )


def drop_forgotten(session: Session, limit: int) -> int:
    """Delete uploads that nobody is sending any more, with their rows; returns how many."""
    gone = (
        select(DatasetVersion.id)
        .where(DatasetVersion.status == "receiving", DatasetVersion.received_at < _FORGOTTEN)
        .limit(limit)
    )
    deleted = session.execute(
        delete(DatasetVersion).where(DatasetVersion.id.in_(gone)).returning(DatasetVersion.id)
    )
    return len(deleted.all())
