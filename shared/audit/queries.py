"""Read the audit. Needs a transaction of the asker's tenant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.documents.queries import document_of
from shared.errors import NotFound
from shared.ids import first_id, parse_id, public_id
from shared.schemas.audit import AuditEventAnswer
from shared.schemas.base import Page
from shared.tables import AuditEvent, AuditLink, Document

_CLOCKS = timedelta(minutes=1)
"""An id's time and its event's are taken one after the other; this is room enough."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list; None does not narrow it. `since` is included, `until` is not."""

    object: str | None = None
    """A public id; of a document or summary also what was done to its batch as a whole."""
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_events(
    session: Session, wanted: Filter, *, limit: int, after: str | None
) -> Page[AuditEventAnswer]:
    """Newest first. Raises NotFound for an `after` that is no id of an event."""
    query = _narrow(_events(), wanted)
    if wanted.object is not None:
        query = query.where(AuditEvent.objects.overlap(_also(session, wanted.object)))
    if after is not None:
        query = query.where(AuditEvent.id < parse_id("audit", after))
    rows = session.execute(query.order_by(AuditEvent.id.desc()).limit(limit + 1)).all()
    answers = [_answer(event, seq) for event, seq in rows]
    return Page(data=answers[:limit], has_more=len(answers) > limit)


def _events() -> Select[AuditEvent, int | None]:
    seq = select(AuditLink.seq).where(AuditLink.event_id == AuditEvent.id).scalar_subquery()
    return select(AuditEvent, seq)


def _narrow(
    query: Select[AuditEvent, int | None], wanted: Filter
) -> Select[AuditEvent, int | None]:
    if wanted.actor is not None:
        query = query.where(AuditEvent.actor == wanted.actor)
    if wanted.action is not None:
        query = query.where(AuditEvent.action == wanted.action)
    # By id as well, which the index is ordered by.
    if wanted.since is not None:
        query = query.where(
            AuditEvent.at >= wanted.since, AuditEvent.id >= first_id(wanted.since, -_CLOCKS)
        )
    if wanted.until is not None:
        query = query.where(
            AuditEvent.at < wanted.until, AuditEvent.id < first_id(wanted.until, _CLOCKS)
        )
    return query


def _also(session: Session, name: str) -> list[str]:
    """The object, and what it is part of: a batch's results are read as a whole."""
    kind, names = name.partition("_")[0], [name.lower()]
    try:
        document = parse_id("doc", name) if kind == "doc" else None
        if kind == "sum":
            document = document_of(session, parse_id("sum", name))
    except NotFound:
        return names
    if document is not None:
        batch = session.scalar(select(Document.batch_id).where(Document.id == document))
        if batch is not None:
            names.append(public_id("batch", batch))
    return names


def _answer(event: AuditEvent, seq: int | None) -> AuditEventAnswer:
    return AuditEventAnswer(
        id=public_id("audit", event.id),
        seq=seq,
        at=event.at,
        actor=event.actor,
        action=event.action,
        objects=event.objects,
        request_id=event.request_id,
        details=event.details,
    )
