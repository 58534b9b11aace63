"""Pause a run: it keeps its checkpoint and gives its device to others."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.tables import TrainingRun
from shared.training.find import lock_run


def pause_run(session: Session, run_id: UUID) -> TrainingRun:
    """Pausing twice is no error. Raises NotFound, and Conflict for a run that is over or ends."""
    run = lock_run(session, run_id)
    if run.status == "running" and run.asked != "cancel":
        run.asked = "pause"
    elif run.status == "queued":
        run.status = "paused"
    elif run.status != "paused":
        state = "being cancelled" if run.asked else run.status
        raise Conflict(
            f"This run is {state}; one that waits or runs can be paused.",
            code="run_not_pausable",
        )
    session.flush()
    return run
