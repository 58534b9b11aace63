"""Cancel a batch: nothing of it is claimed any more, and what runs is discarded."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared import outbox
from shared.batches.finish import finish_if_done, lock_batch
from shared.errors import Conflict
from shared.messages import DocumentsQueued
from shared.tables import Batch


def cancel_batch(session: Session, batch: UUID) -> None:
    """Flip the batch to `cancelling`; it is `cancelled` when no document of it runs.

    Cancelling twice is no error. Raises NotFound, and Conflict for one that has ended otherwise.
    """
    status = lock_batch(session, batch)
    if status in ("cancelling", "cancelled"):
        return
    if status != "in_progress":
        raise Conflict(
            f"This batch is {status}; only one in progress can be cancelled.",
            code="batch_not_in_progress",
        )
    session.execute(update(Batch).where(Batch.id == batch).values(status="cancelling"))
    finish_if_done(session, batch)
    # The dispatcher, woken by it, sweeps the queued documents at once.
    outbox.enqueue(session, DocumentsQueued())
