"""Find a run of the transaction's tenant."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.tables import TrainingRun


def lock_run(session: Session, run_id: UUID) -> TrainingRun:
    """The run as it is now; nobody else changes it until the transaction ends. Raises NotFound."""
    run = session.scalar(
        select(TrainingRun)
        .where(TrainingRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound(
            "There is no such training run.", how_to_fix="`epicrisis runs list` shows them."
        )
    return run
