"""Take what is in production out of it: the prompt serves."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.registry.change import change_production, lock_production
from shared.registry.kinds import Kind, V
from shared.schemas.registry import ProductionAnswer


def demote(  # noqa: PLR0913 - which alias, and who changes it
    session: Session, kind: Kind[V], *, tenant: UUID, note_type: str, reason: str, actor: str
) -> ProductionAnswer:
    """Needs a transaction of the tenant. Raises Conflict when nothing is in production."""
    production = lock_production(session, kind, tenant, note_type)
    if production.version_id is None:
        raise Conflict(
            f"No version is in production for this note type: {kind.without} serves it.",
            code="nothing_in_production",
        )
    return change_production(session, kind, production, "demote", None, reason=reason, actor=actor)
