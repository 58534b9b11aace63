"""What a request names has to be there."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.errors import InvalidInput, NotFound
from shared.note_types.queries import load
from shared.registry.kinds import Kind, V
from shared.registry.queries import find_serving


def require_serving(session: Session, name: str, *, param: str) -> None:
    """Raises InvalidInput `unknown_model_version` unless a version of that name may serve."""
    if find_serving(session, name) is None:
        raise InvalidInput(
            "There is no such model version, or it may not serve any more.",
            code="unknown_model_version",
            param=param,
            how_to_fix="`epicrisis models list` shows those that may.",
        )


def require_note_type(session: Session, kind: Kind[V], note_type: str) -> None:
    """Raises NotFound unless the tenant has it, or has versions of it: one of its own may be gone.

    Needs a transaction of the tenant.
    """
    if note_type in load(session):
        return
    if not session.scalar(select(exists().where(kind.versions.note_type == note_type))):
        raise NotFound(
            "There is no such note type.", how_to_fix="`epicrisis note-types list` shows them."
        )
