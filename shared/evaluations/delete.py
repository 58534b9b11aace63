"""Delete an evaluation with the batches of its candidates, whatever its state."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.evaluations.ledger import batches_of
from shared.retention.delete_batch import delete_batch
from shared.tables import Batch, Evaluation


def delete_evaluation(session: Session, evaluation: Evaluation) -> list[str]:
    """The ids of the batches that went with it.

    A worker that has it finds nothing to write to. Needs a transaction of the tenant.
    """
    mine = sorted(batches_of(evaluation).values())
    still = session.scalars(select(Batch.id).where(Batch.id.in_(mine)).order_by(Batch.id)).all()
    for batch in still:
        delete_batch(session, batch, force=True)
    session.execute(delete(Evaluation).where(Evaluation.id == evaluation.id))
    return [batch.hex for batch in still]
