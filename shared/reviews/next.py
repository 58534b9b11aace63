"""Offer a reviewer a summary that no one has reviewed, and no one else the same.

`random` draws evenly from all that wait; `flagged` takes the newest with a finding: reviewers of
today's notes can still do something about them.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update
from sqlalchemy.orm import Session

from shared.documents.queries import get_summary, get_text
from shared.documents.withdrawn import is_of_withdrawn
from shared.ids import public_id
from shared.retention.queries import is_kept
from shared.schemas.reviews import ReviewTask, Selection
from shared.tables import Document, Summary
from shared.vault import TenantVault

AnyRow = Row[*tuple[Any, ...]]
OFFERED_FOR = timedelta(minutes=15)
_NEAR = 32
"""Candidates at a time. Drawn from so many neighbours, the gaps between lots hardly matter."""
_TRIES = 5
"""Other reviewers may take all candidates first."""


def offer_next(
    session: Session, vault: TenantVault, select_by: Selection, *, note_type: str | None = None
) -> ReviewTask | None:
    """The summary, beside its source; None where none waits. Needs the vault's tenant."""
    waiting = _waiting(note_type).where(~is_of_withdrawn(session))
    for _ in range(_TRIES):
        candidates = _candidates(session, select_by, waiting)
        if not candidates:
            return None
        taken = _take(session, candidates, select_by)
        if taken is not None:
            return _task(session, vault, taken)
    return None


def _candidates(session: Session, select_by: Selection, waiting: Select[UUID]) -> Sequence[UUID]:
    if select_by == "flagged":
        newest = waiting.where(Summary.findings > 0).order_by(Summary.id.desc())
        return session.scalars(newest).all()
    begin = random.random()  # noqa: S311 - no secret
    in_order = waiting.order_by(Summary.lot)
    found = [*session.scalars(in_order.where(Summary.lot >= begin))]
    if len(found) < _NEAR:
        found += session.scalars(in_order.where(Summary.lot < begin).limit(_NEAR - len(found)))
    return found


def _waiting(note_type: str | None) -> Select[UUID]:
    # One row after the other, as `is_kept`.
    stands = (
        select(Document.withdrawn_at.is_(None))
        .where(Document.id == Summary.document_id)
        .scalar_subquery()
    )
    query = select(Summary.id).where(_is_free(), is_kept(Summary.document_id), stands).limit(_NEAR)
    return query if note_type is None else query.where(Summary.note_type == note_type)


def _is_free() -> ColumnElement[bool]:
    """No one has reviewed it, and no one has it before them."""
    unseen = or_(Summary.offered_until.is_(None), Summary.offered_until <= func.now())
    return (Summary.review_state == "none") & unseen


def _take(session: Session, candidates: Sequence[UUID], select_by: Selection) -> AnyRow | None:
    """Mark one that is still free and that no one else is taking: its columns, None without one."""
    order = Summary.id.desc() if select_by == "flagged" else func.random()
    chosen = (
        select(Summary.id)
        .where(Summary.id.in_(candidates), _is_free())
        .order_by(order)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return session.execute(
        update(Summary)
        .where(Summary.id == chosen)
        .values(offered_until=func.now() + OFFERED_FOR)
        .returning(Summary.id, Summary.document_id, Summary.note_type, Summary.offered_until)
    ).one_or_none()


def _task(session: Session, vault: TenantVault, taken: AnyRow) -> ReviewTask:
    return ReviewTask(
        summary=get_summary(session, vault, taken.id),
        document_id=public_id("doc", taken.document_id),
        note_type=taken.note_type,
        text=get_text(session, vault, taken.document_id),
        offered_until=taken.offered_until,
    )
