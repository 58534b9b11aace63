"""Retry a batch: its failed documents go back to the queue."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from shared import outbox
from shared.batches.finish import lock_batch
from shared.config import LedgerSettings
from shared.errors import Conflict
from shared.messages import AttachmentsQueued, DocumentsQueued
from shared.retention.queries import require_results
from shared.tables import Batch

_RETRIABLE = ("in_progress", "completed", "expired")
_REQUEUE = text(
    """
    UPDATE documents SET
        status = 'queued', seq = NULL, attempts = 0, deaths = 0, deaths_alone = 0,
        not_before = now(), error_code = NULL, error_message = NULL, finished_at = NULL
    WHERE batch_id = :batch AND status = 'failed'
      AND (:quarantined OR error_code <> 'quarantined')
    RETURNING size
    """
)


def retry_batch(session: Session, batch: UUID, *, include_quarantined: bool = False) -> int:
    """Queue the failed documents again; returns how many. Their results get new, higher numbers.

    Raises NotFound, Gone for a batch past its retention, Conflict for one that was cancelled, and
    Conflict when nothing has failed.
    """
    status = lock_batch(session, batch)
    require_results(session, batch)
    if status not in _RETRIABLE:
        raise Conflict(
            f"This batch is {status}.",
            code="batch_not_retriable",
            how_to_fix="Submit the documents again.",
        )
    sizes = session.scalars(_REQUEUE, {"batch": batch, "quarantined": include_quarantined}).all()
    if not sizes:
        raise Conflict(
            "No document of this batch has failed.",
            code="nothing_to_retry",
            how_to_fix="Quarantined documents are retried only with --include-quarantined "
            "(?include=quarantined).",
        )
    session.execute(
        update(Batch)
        .where(Batch.id == batch)
        .values(
            status="in_progress",
            failed=Batch.failed - len(sizes),
            size_done=Batch.size_done - sum(sizes),
            completed_at=None,
            results_expire_at=None,
            expires_at=func.now() + timedelta(days=LedgerSettings().batch_days),
        )
    )
    outbox.enqueue(session, DocumentsQueued())
    outbox.enqueue(session, AttachmentsQueued())
    return len(sizes)
