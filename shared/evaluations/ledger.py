"""The state machine of an evaluation, on `shared/leases.py`.

    submit           claim               publish
    ──────▶ queued ───────────▶ running ─────────▶ ready
              ▲                  │    └───fail───▶ failed
              └─ waits, released ┘
                 or lease lost

The first claim submits a batch for each candidate, and those after it look, with a pause between
them, whether these have ended; the last one scores. What an attempt has scored, the next one scores
again. A deleted evaluation ends at the next write of the worker that has it.
"""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.schemas.batches import FINAL_BATCH_STATUSES
from shared.tables import Batch, Evaluation


def batches_of(evaluation: Evaluation) -> dict[str, UUID]:
    """Candidate → its batch."""
    return {candidate: UUID(batch) for candidate, batch in evaluation.batches.items()}


def documents_left(session: Session, evaluation: Evaluation) -> tuple[int, int]:
    """How many of its documents are not final yet, and how many there are.

    Needs a transaction of the tenant. Raises Conflict where summaries are not kept any more.
    """
    mine = set(batches_of(evaluation).values())
    rows = session.execute(
        select(
            Batch.status,
            Batch.total,
            (
                Batch.completed + Batch.failed + Batch.rejected + Batch.cancelled + Batch.expired
            ).label("done"),
            (func.coalesce(Batch.results_expire_at <= func.now(), False)).label("past"),
            Batch.purged_at,
        ).where(Batch.id.in_(mine))
    ).all()
    if len(rows) < len(mine) or any(row.past or row.purged_at for row in rows):
        raise Conflict(
            "Summaries of a candidate are not kept any more.",
            code="summaries_gone",
            how_to_fix="Evaluate again; a tenant that keeps results for no days cannot evaluate.",
        )
    open_ = [row for row in rows if row.status not in FINAL_BATCH_STATUSES]
    left = sum(row.total - row.done for row in open_)
    return max(left, len(open_)), sum(row.total for row in rows)
