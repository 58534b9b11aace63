"""Delete a batch and all that came with it and of it."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from shared.batches.finish import lock_batch
from shared.errors import Conflict
from shared.schemas.batches import FINAL_BATCH_STATUSES
from shared.tables import Batch


class Deleted(NamedTuple):
    documents: int
    summaries: int
    texts: int
    """Documents whose text, or attachment, was still there."""


_COUNT = text(
    """
    SELECT count(*), count(s.id),
           count(*) FILTER (WHERE c.text_sealed IS NOT NULL OR c.attachment_sealed IS NOT NULL)
    FROM documents d
    LEFT JOIN document_contents c ON c.document_id = d.id
    LEFT JOIN summaries s ON s.document_id = d.id
    WHERE d.batch_id = :batch
    """
)


def delete_batch(session: Session, batch: UUID, *, force: bool = False) -> Deleted:
    """Delete the batch, its documents, contents, summaries, replacements and idempotency keys.

    `force` takes one that has not ended, too: nobody sees a state between, and a worker that
    records a result of it later finds neither batch nor document under its fence and leaves
    nothing behind. Raises NotFound, and Conflict for a running batch without `force`.
    """
    status = lock_batch(session, batch)
    if status not in FINAL_BATCH_STATUSES and not force:
        raise Conflict(
            f"This batch is {status}; only one that has ended is deleted.",
            code="batch_running",
            how_to_fix="Cancel it first, or delete it with --force (?force=true), which does both.",
        )
    deleted = Deleted(*session.execute(_COUNT, {"batch": batch}).one())
    session.execute(delete(Batch).where(Batch.id == batch))
    return deleted
