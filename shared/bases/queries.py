"""Read bases. Needs a transaction of the tenant."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.ids import public_id
from shared.schemas.training import BaseAnswer, JobError
from shared.tables import Base


def find_base(session: Session, name: str) -> Base | None:
    """As training runs name it."""
    return session.scalar(select(Base).where(Base.name == name))


def get_base(session: Session, base: UUID) -> Base:
    """Raises NotFound."""
    found = session.get(Base, base)
    if found is None:
        raise NotFound("There is no such base.", how_to_fix="`epicrisis bases list` shows them.")
    return found


def list_bases(session: Session, *, after: UUID | None, limit: int) -> Sequence[Base]:
    """Newest first; `after`: older than this one."""
    query = select(Base).order_by(Base.id.desc()).limit(limit)
    return session.scalars(query if after is None else query.where(Base.id < after)).all()


def base_answer(base: Base) -> BaseAnswer:
    error = None
    if base.error_code is not None:
        error = JobError(
            code=base.error_code, message=base.error_message or "", how_to_fix=base.error_fix
        )
    return BaseAnswer.model_validate(
        {
            "id": public_id("base", base.id),
            "name": base.name,
            "source": base.source,
            "status": base.status,
            "kind": base.kind,
            "architecture": base.architecture,
            "parameters": base.parameters,
            "window": base.window,
            "languages": base.languages,
            "licence": base.licence,
            "digest": base.artifact,
            "error": error,
            "created_at": base.created_at,
            "ready_at": base.ready_at,
        }
    )
