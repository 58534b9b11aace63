"""Resume a paused trigger: slots that passed meanwhile are not made up for, reviews count."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.tables import TrainingTrigger
from shared.training.triggers.queries import find_trigger
from shared.training.triggers.schedule import next_slot


def resume_trigger(session: Session, trigger: UUID) -> TrainingTrigger:
    """Resuming one that is not paused changes nothing. Raises NotFound."""
    found = find_trigger(session, trigger, lock=True)
    if found.paused:
        found.paused, found.next_at, found.last_error = False, None, None
        if found.schedule is not None and found.time_zone is not None:
            found.next_at = next_slot(found.schedule, found.time_zone, datetime.now(UTC))
        session.flush()
    return found
