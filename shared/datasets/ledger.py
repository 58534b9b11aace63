"""The state machine of a dataset version, and its claims.

    receiving ──submit──▶ queued ──claim──▶ running ──publish──▶ ready
        │                   ▲                  ├──────fail──────▶ failed
        │                   └─ lost, released ─┘
        └─ forgotten: its sender or the API is gone; its rows are deleted

The same rules as in `shared/documents/ledger.py`: a lease, renewed while the worker lives; a fence
that only grows, so that a worker that was taken for dead publishes nothing. A version is made anew
from its rows at each attempt, so that nothing half-made is ever ready.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.orm import Session, aliased

from shared.tables import DatasetVersion

_FORGOTTEN = text("now() - interval '10 minutes'")
"""A sender that is silent for a minute is cut off, so this one is gone."""


@dataclass(frozen=True, slots=True)
class ClaimedVersion:
    """A version that this worker makes until its lease ends."""

    id: UUID
    tenant: UUID
    dataset: UUID
    fence: int
    attempts: int


def claim_version(session: Session, worker: UUID, *, lease_seconds: float) -> ClaimedVersion | None:
    """The oldest version that waits, of all tenants.

    Versions of one dataset are made one after the other: each finds the groups' splits that the
    one before it has settled.
    """
    sibling = aliased(DatasetVersion)
    oldest = (
        select(DatasetVersion.id)
        .where(DatasetVersion.status == "queued", DatasetVersion.not_before <= func.now())
        .where(
            ~exists().where(
                sibling.dataset_id == DatasetVersion.dataset_id,
                sibling.status.in_(("queued", "running")),
                sibling.number < DatasetVersion.number,
            )
        )
        .order_by(DatasetVersion.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.execute(
        update(DatasetVersion)
        .where(DatasetVersion.id == oldest.scalar_subquery())
        .values(
            status="running",
            fence=DatasetVersion.fence + 1,
            worker_id=worker,
            lease_expires_at=_lease(lease_seconds),
        )
        .returning(
            DatasetVersion.id,
            DatasetVersion.tenant_id,
            DatasetVersion.dataset_id,
            DatasetVersion.fence,
            DatasetVersion.attempts,
        )
    ).one_or_none()
    return None if row is None else ClaimedVersion(*row)


def renew(session: Session, claimed: ClaimedVersion, *, lease_seconds: float) -> bool:
    """Keep the lease; False when another worker has the version."""
    return _mine(session, claimed, lease_expires_at=_lease(lease_seconds))


def hold(session: Session, claimed: ClaimedVersion) -> bool:
    """Until the transaction ends nobody else takes the version; False when somebody has it."""
    mine = (
        select(DatasetVersion.id)
        .where(
            DatasetVersion.id == claimed.id,
            DatasetVersion.fence == claimed.fence,
            DatasetVersion.status == "running",
        )
        .with_for_update(read=True)
    )
    return session.scalar(mine) is not None


def progress(session: Session, claimed: ClaimedVersion, step: str, done: int, total: int) -> bool:
    """Say what is being done; False when another worker has the version, or it was deleted."""
    return _mine(session, claimed, step=step, done=done, total=total)


def await_labels(session: Session, claimed: ClaimedVersion, batch: UUID) -> bool:
    """The version's pseudo-labels are written by this batch; False when it is another's."""
    return _mine(session, claimed, label_batch_id=batch)


def publish(session: Session, claimed: ClaimedVersion, **columns: object) -> bool:
    """The version is ready, with its counts and report; False when it is another's."""
    return _mine(session, claimed, status="ready", ready_at=func.now(), **columns, **_ENDED)


def fail_version(session: Session, claimed: ClaimedVersion, code: str, message: str) -> bool:
    """`message` never quotes a row."""
    return _mine(
        session, claimed, status="failed", error_code=code, error_message=message, **_ENDED
    )


def release_version(
    session: Session, claimed: ClaimedVersion, *, pause_seconds: float = 0.0, attempt: bool = False
) -> None:
    """Back to the queue; `attempt`: after an error of its own."""
    _mine(
        session,
        claimed,
        status="queued",
        attempts=DatasetVersion.attempts + int(attempt),
        not_before=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, pause_seconds),
        **_RETURNED,
    )


def requeue_lost_versions(session: Session, *, lease_seconds: float, max_attempts: int) -> int:
    """Versions of dead workers are made anew, but for those that have died too often."""
    lost = (
        DatasetVersion.status == "running",
        DatasetVersion.lease_expires_at < func.now(),
        # See `shared/documents/lost.py`: a database that was away renewed no lease.
        func.pg_postmaster_start_time()
        < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds),
    )
    again = session.execute(
        update(DatasetVersion)
        .where(*lost, DatasetVersion.attempts + 1 < max_attempts)
        .values(status="queued", attempts=DatasetVersion.attempts + 1, **_RETURNED)
        .returning(DatasetVersion.id)
    ).all()
    given_up = session.execute(
        update(DatasetVersion)
        .where(*lost)
        .values(
            status="failed",
            error_code="worker_died",
            error_message="Its worker died each time that it worked on this version.",
            **_ENDED,
        )
        .returning(DatasetVersion.id)
    ).all()
    return len(again) + len(given_up)


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


_RETURNED: dict[str, None] = {"worker_id": None, "lease_expires_at": None}
_ENDED: dict[str, None] = {**_RETURNED, "step": None}


def _lease(seconds: float) -> object:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _mine(session: Session, claimed: ClaimedVersion, **columns: object) -> bool:
    changed = session.execute(
        update(DatasetVersion)
        .where(
            DatasetVersion.id == claimed.id,
            DatasetVersion.fence == claimed.fence,
            DatasetVersion.status == "running",
        )
        .values(**columns)
        .returning(DatasetVersion.id)
    )
    return changed.one_or_none() is not None
