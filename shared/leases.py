"""Claims of long work: one worker at a time, and none for ever.

The rules of `shared/documents/ledger.py` for any table of `Leased` rows: a lease, renewed while the
worker lives; a fence that only grows, so that a worker that was taken for dead writes nothing; and
`attempts`, which bounds how often what kills its worker is tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from shared.tables.base import Leased


@dataclass(frozen=True, slots=True)
class Lease:
    """A row that this worker holds until its lease ends."""

    id: UUID
    tenant: UUID
    fence: int
    attempts: int


def claim(
    session: Session,
    table: type[Leased],
    worker: UUID,
    *,
    lease_seconds: float,
    when: Sequence[ColumnElement[bool]] = (),
    **columns: object,
) -> Lease | None:
    """The oldest row that waits, of all tenants; `columns` are set with the claim."""
    oldest = (
        select(table.id)
        .where(table.status == "queued", table.not_before <= func.now(), *when)
        .order_by(table.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.execute(
        update(table)
        .where(table.id == oldest.scalar_subquery())
        .values(
            status="running",
            fence=table.fence + 1,
            worker_id=worker,
            lease_expires_at=_from_now(lease_seconds),
            **columns,
        )
        .returning(table.id, table.tenant_id, table.fence, table.attempts)
    ).one_or_none()
    return None if row is None else Lease(*row)


def renew(session: Session, table: type[Leased], lease: Lease, *, lease_seconds: float) -> bool:
    """Keep the lease; False when another worker has the row, or nobody may have it any more."""
    return write(session, table, lease, lease_expires_at=_from_now(lease_seconds))


def hold(session: Session, table: type[Leased], lease: Lease) -> bool:
    """Until the transaction ends nobody else takes the row; False when somebody has it."""
    return session.scalar(_mine(table, lease).with_for_update(read=True)) is not None


def write(session: Session, table: type[Leased], lease: Lease, **columns: object) -> bool:
    """Change the row while it is ours; False when it is another's."""
    changed = session.execute(
        update(table)
        .where(table.id == lease.id, table.fence == lease.fence, table.status == "running")
        .values(**columns)
        .returning(table.id)
    )
    return changed.one_or_none() is not None


def end(
    session: Session, table: type[Leased], lease: Lease, status: str, **columns: object
) -> bool:
    """The row's final state, with what came of it; False when it is another's."""
    return write(session, table, lease, status=status, **columns, **RETURNED)


def release(
    session: Session,
    table: type[Leased],
    lease: Lease,
    *,
    pause_seconds: float = 0.0,
    attempt: bool = False,
) -> bool:
    """Back to the queue; `attempt`: after an error of its own."""
    return write(
        session,
        table,
        lease,
        status="queued",
        attempts=table.attempts + int(attempt),
        not_before=_from_now(pause_seconds),
        **RETURNED,
    )


def requeue_lost(
    session: Session,
    table: type[Leased],
    *,
    lease_seconds: float,
    max_attempts: int,
    noun: str,
    **given_up_columns: object,
) -> int:
    """Rows of dead workers wait again, but for those that have lost too many; returns how many."""
    dead = lost(table, lease_seconds)
    again = session.execute(
        update(table)
        .where(*dead, table.attempts + 1 < max_attempts)
        .values(status="queued", attempts=table.attempts + 1, **RETURNED)
        .returning(table.id)
    ).all()
    given_up = session.execute(
        update(table)
        .where(*dead)
        .values(
            status="failed",
            error_code="worker_died",
            error_message=f"Its worker died each time that it worked on this {noun}.",
            error_fix="Look at the worker's log for what ended it; mostly it is memory.",
            **given_up_columns,
            **RETURNED,
        )
        .returning(table.id)
    ).all()
    return len(again) + len(given_up)


def lost(table: type[Leased], lease_seconds: float) -> tuple[ColumnElement[bool], ...]:
    """Rows whose worker renews no more."""
    return (
        table.status == "running",
        table.lease_expires_at < func.now(),
        # See `shared/documents/lost.py`: a database that was away renewed no lease.
        func.pg_postmaster_start_time() < _from_now(-lease_seconds),
    )


RETURNED: dict[str, None] = {"worker_id": None, "lease_expires_at": None}
"""What a row has that nobody holds."""


def _mine(table: type[Leased], lease: Lease) -> Select[UUID]:
    return select(table.id).where(
        table.id == lease.id, table.fence == lease.fence, table.status == "running"
    )


def _from_now(seconds: float) -> ColumnElement[datetime]:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
