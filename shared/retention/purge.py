"""Delete what is past its time, some documents at a time, so that nobody waits for it.

From `results_expire_at` on the API answers 410, so a batch that is purged halfway shows nothing.
The batch's row stays, with its counts and `purged_at`; what could name a patient goes.
"""

from uuid import UUID

from sqlalchemy import delete, func, text, update
from sqlalchemy.orm import Session

from shared.audit.record import record
from shared.database import set_for_transaction
from shared.ids import public_id
from shared.tables import Batch, BatchContent, IdempotencyKey
from shared.vault import Vault

ACTOR = "dispatcher"

_DUE = text(
    """
    SELECT id, tenant_id FROM batches
    WHERE results_expire_at <= now() AND purged_at IS NULL
    ORDER BY results_expire_at LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_DELETE_SOME = text(
    """
    DELETE FROM documents WHERE id IN (
        SELECT id FROM documents WHERE batch_id = :batch LIMIT :limit)
    RETURNING id
    """
)


def purge_expired(session: Session, vault: Vault, *, limit: int) -> int | None:
    """Delete up to `limit` documents of one batch past its time, with contents and summaries.

    Returns how many, and None when nothing is due. Needs a transaction of no tenant: it becomes one
    of the batch's.
    """
    due = session.execute(_DUE).one_or_none()
    if due is None:
        return None
    set_for_transaction(session, "tenant", str(due.tenant_id))
    deleted = len(session.execute(_DELETE_SOME, {"batch": due.id, "limit": limit}).all())
    if deleted < limit:
        _close(session, vault, due.tenant_id, due.id)
    return deleted


def _close(session: Session, vault: Vault, tenant: UUID, batch: UUID) -> None:
    session.execute(delete(BatchContent).where(BatchContent.batch_id == batch))
    # The same documents, submitted again, are to be summarized again.
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.batch_id == batch))
    session.execute(update(Batch).where(Batch.id == batch).values(purged_at=func.now()))
    record(session, vault, tenant, ACTOR, "batch.purge", [public_id("batch", batch)])
