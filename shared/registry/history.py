"""What served a note type when, and who decided it. Needs a transaction of the tenant."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.registry.kinds import Kind, V
from shared.registry.queries import names_of
from shared.schemas.registry import Gate, HistoryAnswer, PromotionAnswer


def read_history(  # noqa: PLR0913 - which lines of it
    session: Session,
    kind: Kind[V],
    note_type: str,
    *,
    at: datetime | None = None,
    after: int | None = None,
    limit: int = 100,
) -> HistoryAnswer:
    """Newest first, past the line `after`; with `at` what served then, and the lines up to it."""
    table = kind.lines
    query = select(table).where(table.note_type == note_type).order_by(table.id.desc())
    if at is not None:
        query = query.where(table.at <= at)
    newest = session.scalar(query.limit(1)) if at is not None else None
    if after is not None:
        query = query.where(table.id < after)
    lines = session.scalars(query.limit(limit + 1)).all()
    served = None if newest is None else newest.version_id
    names = names_of(session, kind, [served, *(line.version_id for line in lines)])
    return HistoryAnswer(
        note_type=note_type,
        at=at,
        version=None if served is None else names[served],
        data=[
            PromotionAnswer(
                seq=line.id,
                action=line.action,
                version=None if line.version_id is None else names[line.version_id],
                reason=line.reason,
                override=line.override,
                gate=None if line.gate is None else Gate.model_validate(line.gate),
                actor=line.actor,
                at=line.at,
            )
            for line in lines[:limit]
        ],
        has_more=len(lines) > limit,
    )
