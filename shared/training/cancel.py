"""Cancel a run: at once if nobody works on it, else its worker stops within ten seconds."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared import outbox
from shared.errors import Conflict
from shared.messages import TrainingQueued
from shared.tables import TrainingRun
from shared.training.find import lock_run
from shared.training.ledger import FINAL


def cancel_run(session: Session, run_id: UUID) -> TrainingRun:
    """Cancelling twice is no error. Raises NotFound, and Conflict for a run that is over."""
    run = lock_run(session, run_id)
    if run.status == "cancelled":
        return run
    if run.status in FINAL:
        raise Conflict(f"This run has {run.status}.", code="run_is_over")
    if run.status == "running":
        run.asked = "cancel"
    else:
        run.status, run.asked = "cancelled", None
        run.ended_at = session.scalar(func.now().select())
        # A worker removes the checkpoints.
        outbox.enqueue(session, TrainingQueued())
    session.flush()
    return run
