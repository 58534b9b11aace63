"""Write down what a person says about a summary."""

from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.retention.queries import require_document
from shared.reviews.queries import describe_review
from shared.schemas.reviews import ReviewAnswer, ReviewRequest
from shared.tables import Document, Review, Summary
from shared.vault import TenantVault


def submit_review(
    session: Session, vault: TenantVault, summary: UUID, request: ReviewRequest, *, reviewer: str
) -> ReviewAnswer:
    """A further review of the summary, which holds from now on; the summary's text stays.

    Needs a transaction of the vault's tenant. Raises NotFound, Gone, and Conflict for a summary
    whose note was entered in error, or that was made for an evaluation: it would be trained on.
    """
    note_type = _lock(session, summary)
    row = new_id()
    sealed = None if request.text is None else vault.seal(request.text, row=row, field="text")
    written = session.scalars(
        insert(Review)
        .values(
            id=row,
            tenant_id=vault.tenant,
            summary_id=summary,
            note_type=note_type,
            verdict=request.verdict,
            text_sealed=sealed,
            reviewer=reviewer,
            # The time of this statement: of two that waited for each other, the later is later.
            created_at=func.clock_timestamp(),
        )
        .returning(Review)
    ).one()
    session.execute(
        update(Summary)
        .where(Summary.id == summary)
        .values(review_state=request.verdict, offered_until=None)
    )
    return describe_review(vault, written)


def _lock(session: Session, summary: UUID) -> str:
    """The note type of the summary, which nobody else reviews until this transaction ends."""
    row = session.execute(
        select(Summary.document_id, Summary.note_type, Document.withdrawn_at, Document.purpose)
        .join(Document, Document.id == Summary.document_id)
        .where(Summary.id == summary)
        .with_for_update(of=Summary)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such summary.")
    require_document(session, row.document_id)
    if row.withdrawn_at is not None:
        raise Conflict(
            "This note was entered in error; its summary is withdrawn and is not reviewed.",
            code="summary_withdrawn",
        )
    if row.purpose != "summary":
        raise Conflict(
            "This summary was made for an evaluation or a dataset and is not reviewed.",
            code="summary_not_reviewable",
            how_to_fix="Review summaries that were made for a submission.",
        )
    note_type: str = row.note_type
    return note_type
