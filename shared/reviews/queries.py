"""Read reviews. Needs a transaction of the asker's tenant."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.documents.queries import document_of
from shared.ids import public_id
from shared.retention.queries import require_document
from shared.schemas.base import Page
from shared.schemas.reviews import ReviewAnswer
from shared.tables import Review
from shared.vault import TenantVault


def list_reviews(
    session: Session, vault: TenantVault, summary: UUID, *, after: UUID | None, limit: int
) -> Page[ReviewAnswer]:
    """All reviews of a summary, newest first: the first holds. Raises NotFound and Gone."""
    require_document(session, document_of(session, summary))
    query = select(Review).where(Review.summary_id == summary)
    if after is not None:
        query = query.where(Review.id < after)
    rows = session.scalars(query.order_by(Review.id.desc()).limit(limit + 1)).all()
    return Page(
        data=[describe_review(vault, row) for row in rows[:limit]], has_more=len(rows) > limit
    )


def describe_review(vault: TenantVault, row: Review) -> ReviewAnswer:
    text = row.text_sealed and vault.open(row.text_sealed, row=row.id, field="text")
    return ReviewAnswer.model_validate(
        {
            "id": public_id("rev", row.id),
            "summary_id": public_id("sum", row.summary_id),
            "verdict": row.verdict,
            "text": text,
            "reviewer": row.reviewer,
            "created_at": row.created_at,
        }
    )
