"""Erase single documents from the ledger, such as all of one subject.

The batches that held them afterwards look as if they had never been submitted: every counter goes
down with its document, so that counts and results still agree (and `total` is less than what was
sent). A batch of which nothing is left goes whole, with its metadata.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select
from sqlalchemy.orm import Session

from shared.batches.finish import COUNTERS, finish_if_done, lock_batches
from shared.tables import Batch, Document, Summary

_WAITING = ("queued", "running")
_ROUTES = ("fine_tuned", "prompt", "extractive")
_COLUMNS = (
    Document.id,
    Document.batch_id,
    Document.status,
    Document.size,
    Document.route,
    Document.note_type,
    Document.purpose,
)
AnyRow = Row[*tuple[Any, ...]]


class ErasedDocuments(NamedTuple):
    documents: Sequence[UUID]
    submitted: int
    """Of them, those that somebody submitted; the others are copies that evaluations made."""
    summaries: int
    """Of those."""
    batches: Sequence[UUID]
    """Those that held any of those."""


def erase_documents(session: Session, mine: ColumnElement[bool]) -> ErasedDocuments:
    """Delete every document that `mine` says, with its text and summary, whatever its state.

    Sees the documents of the transaction's tenant. A worker that holds one of them finds it gone
    when it records its result, which leaves nothing behind.
    """
    batches = set(session.scalars(select(Document.batch_id).where(mine).distinct()))
    lock_batches(session, batches)
    rows = session.execute(
        select(*_COLUMNS)
        .where(mine, Document.batch_id.in_(batches))
        .order_by(Document.id)
        .with_for_update()
    ).all()
    ids = [row.id for row in rows]
    submitted = [row.id for row in rows if row.purpose == "summary"]
    summaries = session.scalar(
        select(func.count()).select_from(Summary).where(Summary.document_id.in_(submitted))
    )
    session.execute(delete(Document).where(Document.id.in_(ids)))
    held = _by_batch(rows)
    for batch in sorted(held):
        _count_out(session, batch, held[batch])
    theirs = sorted({row.batch_id for row in rows if row.purpose == "summary"})
    return ErasedDocuments(ids, len(submitted), summaries or 0, theirs)


def _by_batch(rows: Iterable[AnyRow]) -> dict[UUID, list[AnyRow]]:
    by_batch: dict[UUID, list[AnyRow]] = defaultdict(list)
    for row in rows:
        by_batch[row.batch_id].append(row)
    return by_batch


def _count_out(session: Session, batch: UUID, rows: Sequence[AnyRow]) -> None:
    """The caller holds the batch's lock."""
    row = session.get_one(Batch, batch, populate_existing=True)
    if row.total <= len(rows):
        session.execute(delete(Batch).where(Batch.id == batch))
        return
    deltas: Counter[str] = Counter(total=len(rows))
    for document in rows:
        deltas["size"] += document.size
        if document.status not in _WAITING:
            deltas[COUNTERS[document.status]] += 1
            deltas["size_done"] += document.size
        if document.route in _ROUTES:
            deltas[document.route] += 1
    for name, delta in deltas.items():
        setattr(row, name, max(getattr(row, name) - delta, 0))
    # A rejected record is of no note type yet.
    kinds = Counter(each.note_type for each in rows if each.status != "rejected")
    row.note_types = dict(Counter(row.note_types) - kinds)
    session.flush()
    finish_if_done(session, batch)
