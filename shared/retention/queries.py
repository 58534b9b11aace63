"""Whether something is still kept. Needs a transaction of the asker's tenant."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

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


def is_kept(document: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """In a query: whether the batch of the document is within its retention.

    A scalar sub-select, which is asked of one row after the other until there are enough: of a join
    under row-level security the planner expects so few rows that it makes all of them first.
    """
    query = select(~_EXPIRED).select_from(Document).join(Batch).where(Document.id == document)
    return query.scalar_subquery()


def _results_expired() -> Gone:
    return Gone(
        "The results of this batch are past their retention and have been deleted.",
        code="results_expired",
        how_to_fix="Submit the documents again; `results_expire_at` of a batch says how long its "
        "results are kept.",
    )
