"""A later record says that a note was entered in error: nobody may rely on its summary."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.batches.finish import Final, lock_batches, settle

_BATCHES = text(
    """
    SELECT DISTINCT batch_id FROM documents
    WHERE custom_id_mac = ANY(:macs) AND withdrawn_at IS NULL
    """
)
_MARK = text(
    """
    UPDATE documents SET withdrawn_at = now()
    WHERE custom_id_mac = ANY(:macs) AND withdrawn_at IS NULL
    RETURNING id, batch_id, size, fence, status
    """
)


def withdraw_notes(session: Session, macs: Collection[bytes]) -> int:
    """Mark all notes of these custom ids as withdrawn; returns how many there were.

    Needs a transaction of their tenant. Their summaries say so from now on, and what still waits or
    runs is cancelled, so that no model is asked about them.
    """
    found = session.scalars(_BATCHES, {"macs": list(macs)}).all()
    lock_batches(session, set(found))
    rows = session.execute(_MARK, {"macs": list(macs)}).all()
    finals = [
        Final(
            document=row.id,
            batch=row.batch_id,
            size=row.size,
            fence=row.fence,
            was=row.status,
            status="cancelled",
            error_code="withdrawn",
            error_message="A later record says that this note was entered in error.",
        )
        for row in rows
        if row.status in ("queued", "running")
    ]
    settle(session, finals)
    return len(rows)
