"""Pause a trigger: it starts nothing until it is resumed."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.tables import TrainingTrigger
from shared.training.triggers.queries import find_trigger


def pause_trigger(session: Session, trigger: UUID) -> TrainingTrigger:
    """Pausing twice is no error. Raises NotFound."""
    found = find_trigger(session, trigger, lock=True)
    found.paused = True
    session.flush()
    return found
