"""Whether something is still kept. Needs a transaction of the asker's tenant."""

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.errors import Gone, NotFound
from shared.tables import Batch, Document

_EXPIRED = func.coalesce(
    or_(Batch.purged_at.is_not(None), Batch.results_expire_at <= func.now()), False
)


def require_results(session: Session, batch: UUID) -> None:
    """Raises NotFound without such a batch, Gone when its results are past their retention."""
    expired = session.scalar(select(_EXPIRED).where(Batch.id == batch))
    if expired is None:
        raise NotFound("There is no such batch.")
    if expired:
        raise _results_expired()


def require_document(session: Session, document: UUID) -> None:
    """Raises Gone for a document whose batch is past its retention and that is not purged yet."""
    query = select(_EXPIRED).select_from(Document).join(Batch).where(Document.id == document)
    if session.scalar(query):
        raise _results_expired()


def _results_expired() -> Gone:
    return Gone(
        "The results of this batch are past their retention and have been deleted.",
        code="results_expired",
        how_to_fix="Submit the documents again; `results_expire_at` of a batch says how long its "
        "results are kept.",
    )
