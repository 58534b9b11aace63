"""Bring the queued documents of cancelled and expired batches to their end, some at a time."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.batches.finish import Final, FinalStatus, finish_if_done, settle

_ENDED = text(
    """
    SELECT id, status FROM batches
    WHERE status = 'cancelling' OR (status = 'in_progress' AND expires_at <= now())
    ORDER BY id LIMIT 20 FOR UPDATE
    """
)
_QUEUED = text(
    """
    SELECT id, batch_id, size, fence FROM documents
    WHERE batch_id = :batch AND status = 'queued' ORDER BY id LIMIT :limit
    """
)


def sweep_ended(session: Session, *, limit: int) -> int:
    """Cancel or expire up to `limit` queued documents of ended batches; returns how many.

    A document that a worker claims at this moment is left to it: `settle` heeds the batch's state.
    """
    finals: list[Final] = []
    for batch in session.execute(_ENDED).all():
        rows = session.execute(_QUEUED, {"batch": batch.id, "limit": limit - len(finals)}).all()
        status: FinalStatus = "cancelled" if batch.status == "cancelling" else "expired"
        finals += [
            Final(row.id, row.batch_id, row.size, row.fence, "queued", status) for row in rows
        ]
        if not rows:
            finish_if_done(session, batch.id)
    return len(settle(session, finals))
