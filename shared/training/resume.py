"""Resume a paused run from its last checkpoint."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared import outbox
from shared.errors import Conflict
from shared.messages import TrainingQueued
from shared.tables import TrainingRun
from shared.training.find import lock_run


def resume_run(session: Session, run_id: UUID) -> TrainingRun:
    """Also takes back a pause that its worker has not yet come to.

    Raises NotFound, and Conflict unless the run is paused or about to be.
    """
    run = lock_run(session, run_id)
    if run.status == "running" and run.asked == "pause":
        run.asked = None
    elif run.status == "paused":
        run.status, run.attempts = "queued", 0
        run.not_before = session.scalar(func.now().select()) or run.not_before
        outbox.enqueue(session, TrainingQueued())
    else:
        raise Conflict(
            f"This run is {run.status}; one that is paused can be resumed.",
            code="run_not_paused",
        )
    session.flush()
    return run
