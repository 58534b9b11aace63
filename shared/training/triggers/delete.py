"""Delete a trigger; the runs that it started stay."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.training.triggers.queries import find_trigger


def delete_trigger(session: Session, trigger: UUID) -> None:
    """Raises NotFound."""
    session.delete(find_trigger(session, trigger, lock=True))
    session.flush()
