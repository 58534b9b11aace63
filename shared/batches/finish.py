"""Final states: documents, the numbers of their results, the batch's counters, its end.

Batch rows are locked first and in id order. Two workers that record results of the same batches in
different orders would otherwise deadlock; and a result's `seq`, given out under that lock, rises in
commit order, so a reader that has seen `seq` n has seen all before it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select, text, update
from sqlalchemy.orm import Session

from shared.config import LedgerSettings
from shared.errors import NotFound
from shared.tables import Batch, Tenant

_DONE = Batch.completed + Batch.failed + Batch.rejected + Batch.cancelled + Batch.expired
NOTHING_LEFT = and_(Batch.status.in_(("in_progress", "cancelling")), Batch.total == _DONE)
"""Of a batch that should end."""
FinalStatus = Literal["succeeded", "failed", "rejected", "cancelled", "expired"]
COUNTERS = {
    "succeeded": "completed",
    "failed": "failed",
    "rejected": "rejected",
    "cancelled": "cancelled",
    "expired": "expired",
}
"""Final state of a document → the batch's column that counts it."""


@dataclass(frozen=True, slots=True)
class Final:
    """A document and the final state it is to reach, if it is still `was` under `fence`."""

    document: UUID
    batch: UUID
    size: int
    fence: int
    was: Literal["running", "queued"]
    status: FinalStatus
    route: str | None = None
    error_code: str | None = None
    error_message: str | None = None


class LockedBatch(NamedTuple):
    status: str
    last_seq: int


_UPDATE = text(
    """
    UPDATE documents d SET
        status = new.status, seq = new.seq, route = new.route, error_code = new.error_code,
        error_message = new.error_message, worker_id = NULL, lease_expires_at = NULL,
        finished_at = now()
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:fences AS bigint[]), CAST(:was AS text[]),
        CAST(:statuses AS text[]), CAST(:seqs AS int[]), CAST(:routes AS text[]),
        CAST(:codes AS text[]), CAST(:messages AS text[])
    ) AS new (id, fence, was, status, seq, route, error_code, error_message)
    WHERE d.id = new.id AND d.fence = new.fence AND d.status = new.was
    RETURNING d.id
    """
)


def settle(session: Session, finals: Sequence[Final]) -> dict[UUID, Final]:
    """Bring documents to their final states and count them; returns those that were accepted.

    Not accepted: a document that was claimed again since, or is final already. A document of a
    batch that is being cancelled becomes `cancelled`, whatever came of it.
    """
    if not finals:
        return {}
    batches = lock_batches(session, {final.batch for final in finals})
    finals = [
        _heed_cancel(final, batches[final.batch]) for final in finals if final.batch in batches
    ]
    accepted = _write(session, finals, batches)
    for batch in sorted({final.batch for final in accepted.values()}):
        numbered = sum(final.batch == batch for final in finals)
        _count(session, batch, [f for f in accepted.values() if f.batch == batch], numbered)
    return accepted


def finish_if_done(session: Session, batch: UUID) -> None:
    """End the batch when none of its documents is left; the caller holds its lock."""
    status = case(
        (Batch.status == "cancelling", "cancelled"),
        (Batch.expired > 0, "expired"),
        else_="completed",
    )
    session.execute(
        update(Batch)
        .where(Batch.id == batch, NOTHING_LEFT)
        .values(
            status=status,
            completed_at=func.now(),
            results_expire_at=func.now() + func.make_interval(0, 0, 0, _days_kept()),
        )
    )


def _days_kept() -> ColumnElement[int]:
    """How long results are kept: as the batch's tenant says, else as the installation."""
    own = select(Tenant.results_days).where(Tenant.id == Batch.tenant_id).scalar_subquery()
    return func.coalesce(own, LedgerSettings().results_days)


def lock_batch(session: Session, batch: UUID) -> str:
    """Its status, which nobody changes until the transaction ends. Raises NotFound."""
    status = session.scalar(select(Batch.status).where(Batch.id == batch).with_for_update())
    if status is None:
        raise NotFound("There is no such batch.")
    return status


def lock_batches(session: Session, ids: set[UUID]) -> dict[UUID, LockedBatch]:
    """Those that are there, locked in id order: before any of their documents is."""
    rows = session.execute(
        select(Batch.id, Batch.status, Batch.last_seq)
        .where(Batch.id.in_(ids))
        .order_by(Batch.id)
        .with_for_update()
    ).all()
    return {row.id: LockedBatch(row.status, row.last_seq) for row in rows}


def _heed_cancel(final: Final, batch: LockedBatch) -> Final:
    if batch.status == "cancelling":
        return replace(final, status="cancelled", route=None, error_code=None, error_message=None)
    return final


def _write(
    session: Session, finals: Sequence[Final], batches: dict[UUID, LockedBatch]
) -> dict[UUID, Final]:
    numbers = {batch: count(row.last_seq + 1) for batch, row in batches.items()}
    accepted = session.scalars(
        _UPDATE,
        {
            "ids": [final.document for final in finals],
            "fences": [final.fence for final in finals],
            "was": [final.was for final in finals],
            "statuses": [final.status for final in finals],
            "seqs": [next(numbers[final.batch]) for final in finals],
            "routes": [final.route for final in finals],
            "codes": [final.error_code for final in finals],
            "messages": [final.error_message for final in finals],
        },
    ).all()
    by_id = {final.document: final for final in finals}
    return {document: by_id[document] for document in accepted}


def _count(session: Session, batch: UUID, finals: Sequence[Final], numbered: int) -> None:
    deltas = Counter(COUNTERS[final.status] for final in finals)
    deltas.update(final.route for final in finals if final.route is not None)
    deltas["size_done"] = sum(final.size for final in finals)
    deltas["last_seq"] = numbered
    session.execute(
        update(Batch)
        .where(Batch.id == batch)
        .values({name: getattr(Batch, name) + delta for name, delta in deltas.items()})
    )
    finish_if_done(session, batch)
