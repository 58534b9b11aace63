"""Whether a batch's documents wait though nobody is about to take them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select, text
from sqlalchemy.orm import Session

from shared.queues import STALL_SECONDS, is_at_rest, living_workers
from shared.tables import Document


def stalled_since(session: Session, batch: UUID) -> datetime | None:
    """When the oldest of them began to wait, if that is too long ago for workers at rest.

    Documents of a lane whose workers are busy wait their turn, which is no stall.
    """
    at_rest = [name for name, workers in living_workers(session).items() if is_at_rest(workers)]
    if not at_rest:
        return None
    queue = case((Document.attachment_type.is_(None), "summarization"), else_="background")
    late = text(f"now() - interval '{STALL_SECONDS} s'")
    return session.scalar(
        select(func.min(Document.not_before)).where(
            Document.batch_id == batch,
            Document.status == "queued",
            Document.not_before < late,  # so neither a retry's nor a parked one's
            queue.in_(at_rest),
        )
    )
