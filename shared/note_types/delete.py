"""Forget what a tenant says about a note type."""

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from shared.errors import Conflict, NotFound
from shared.note_types.shipped import NOTE_TYPES
from shared.tables import Document, TenantNoteType


def delete_note_type(session: Session, name: str) -> None:
    """A shipped one is as it was shipped again, a tenant's own is gone. Needs its transaction.

    Raises NotFound, and Conflict while documents of a tenant's own wait.
    """
    if name not in NOTE_TYPES and session.scalar(
        select(
            exists().where(Document.note_type == name, Document.status.in_(("queued", "running")))
        )
    ):
        raise Conflict(
            "Documents of this note type wait for their summaries.",
            code="note_type_in_use",
            how_to_fix="Wait for their batches, or cancel them.",
        )
    gone = session.execute(
        delete(TenantNoteType).where(TenantNoteType.name == name).returning(TenantNoteType.name)
    ).one_or_none()
    if gone is None and name not in NOTE_TYPES:
        raise NotFound("There is no such note type.")
