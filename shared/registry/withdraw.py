"""Take a version out for good: it never serves again, and what it wrote says so."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.registry.change import change_production, lock_production
from shared.registry.kinds import Kind, V
from shared.registry.queries import find_version, name_of
from shared.registry.redo import made_by
from shared.registry.rollback import find_earlier
from shared.schemas.registry import ProductionAnswer
from shared.tables import Document, Summary
from shared.tables.registry import Alias


def withdraw(  # noqa: PLR0913 - what a recall consists of
    session: Session,
    kind: Kind[V],
    *,
    tenant: UUID,
    note_type: str,
    version: int,
    reason: str,
    actor: str,
    again: bool = False,
) -> ProductionAnswer:
    """If it is in production, what served before serves instead. Needs a tenant's transaction.

    `again`: one that is withdrawn already is no error. Its summaries are marked by its row, as
    `shared/documents/withdrawn.py` reads it. Raises NotFound, Conflict.
    """
    production = lock_production(session, kind, tenant, note_type)
    found = find_version(session, kind, note_type, version)
    if found.status != "withdrawn":
        found.status = "withdrawn"
        found.withdrawn_at = datetime.now(UTC)
        found.withdrawn_because = reason
        session.flush()
    elif not again:
        raise Conflict(
            "This version has been withdrawn already.",
            code="version_withdrawn",
            how_to_fix="Its summaries are made again with `--redo`.",
        )
    answer = _fall_back(session, kind, production, found, reason=reason, actor=actor)
    answer.summaries_withdrawn = _count_summaries(session, name_of(found))
    return answer


def _fall_back(  # noqa: PLR0913 - which alias, and who changes it
    session: Session, kind: Kind[V], production: Alias, withdrawn: V, *, reason: str, actor: str
) -> ProductionAnswer:
    if production.version_id == withdrawn.id:
        earlier = find_earlier(session, kind, production)
        instead = None if earlier is None else earlier.version
        return change_production(
            session, kind, production, "withdraw", instead, reason=reason, actor=actor
        )
    serves = None
    if production.version_id is not None:
        serves = name_of(session.get_one(kind.versions, production.version_id))
    return ProductionAnswer(note_type=production.note_type, version=serves, before=serves)


def _count_summaries(session: Session, name: str) -> int:
    query = (
        select(func.count())
        .select_from(Summary)
        .join(Document, Document.id == Summary.document_id)
        .where(made_by(name), Document.purpose == "summary")
    )
    return session.scalar(query) or 0
