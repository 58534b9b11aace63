"""Read triggers. Needs a transaction of the tenant."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.ids import public_id
from shared.schemas.training import TriggerAnswer
from shared.tables import TrainingRun, TrainingTrigger


def find_trigger(session: Session, trigger: UUID, *, lock: bool = False) -> TrainingTrigger:
    """Raises NotFound. `lock`: nobody else changes it until the transaction ends."""
    query = select(TrainingTrigger).where(TrainingTrigger.id == trigger)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(
            "There is no such trigger.", how_to_fix="`epicrisis triggers list` shows them."
        )
    return found


def list_triggers(session: Session, *, after: UUID | None, limit: int) -> Sequence[TrainingTrigger]:
    """Newest first; `after`: older than this one."""
    query = select(TrainingTrigger).order_by(TrainingTrigger.id.desc()).limit(limit)
    if after is not None:
        query = query.where(TrainingTrigger.id < after)
    return session.scalars(query).all()


def trigger_answers(session: Session, triggers: Sequence[TrainingTrigger]) -> list[TriggerAnswer]:
    """The same triggers as the outside sees them, each with the run that it started last."""
    rows = session.execute(
        select(TrainingRun.trigger_id, TrainingRun.id)
        .ext(distinct_on(TrainingRun.trigger_id))
        .where(TrainingRun.trigger_id.in_([one.id for one in triggers]))
        .order_by(TrainingRun.trigger_id, TrainingRun.id.desc())
    ).all()
    last = {row.trigger_id: public_id("run", row.id) for row in rows}
    return [_answer(one, last.get(one.id)) for one in triggers]


def trigger_answer(session: Session, trigger: TrainingTrigger) -> TriggerAnswer:
    return trigger_answers(session, [trigger])[0]


def _answer(trigger: TrainingTrigger, last_run: str | None) -> TriggerAnswer:
    return TriggerAnswer.model_validate(
        {
            "id": public_id("trigger", trigger.id),
            "note_type": trigger.note_type,
            "dataset": trigger.dataset,
            "base_model": trigger.base,
            "method": trigger.method,
            "schedule": trigger.schedule,
            "time_zone": trigger.time_zone,
            "new_reviews": trigger.new_reviews,
            "promote": trigger.promote,
            "paused": trigger.paused,
            "next_at": trigger.next_at,
            "last_run": last_run,
            "last_error": trigger.last_error,
            "created_at": trigger.created_at,
        }
    )
