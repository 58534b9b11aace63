"""What a run says while it runs: points of its curves, events, how far it is.

All of it is written under the run's lease, in the caller's transaction of the tenant: call
`leases.hold` first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from shared import leases
from shared.leases import Lease
from shared.schemas.training import StepAnswer, StepName
from shared.tables import TrainingEvent, TrainingPoint, TrainingRun

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Point:
    """Measurements after one optimizer step."""

    step: int
    epoch: float
    measured: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Event:
    """`message` never quotes an example."""

    level: Level
    code: str
    message: str


def record_points(session: Session, lease: Lease, points: Sequence[Point]) -> None:
    """A step that was measured before is measured anew: what one point lacks, the other adds."""
    if not points:
        return
    merged: dict[int, Point] = {}
    for point in points:
        before = merged.get(point.step)
        measured = {**before.measured, **point.measured} if before else point.measured
        merged[point.step] = Point(point.step, point.epoch, measured)
    statement = postgresql.insert(TrainingPoint)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["run_id", "step"],
            set_={
                "epoch": statement.excluded.epoch,
                "measured": TrainingPoint.measured.op("||")(statement.excluded.measured),
            },
        ),
        [
            {
                "run_id": lease.id,
                "tenant_id": lease.tenant,
                "step": point.step,
                "epoch": point.epoch,
                "measured": dict(point.measured),
            }
            for point in merged.values()
        ],
    )


def forget_points_after(session: Session, lease: Lease, step: int) -> None:
    """The run goes on from its checkpoint of `step`: what came after it happens again."""
    session.execute(
        delete(TrainingPoint).where(TrainingPoint.run_id == lease.id, TrainingPoint.step > step)
    )


def record_events(session: Session, lease: Lease, events: Sequence[Event]) -> None:
    if not events:
        return
    session.execute(
        insert(TrainingEvent).inline(),
        [
            {
                "run_id": lease.id,
                "tenant_id": lease.tenant,
                "level": event.level,
                "code": event.code,
                "message": event.message,
            }
            for event in events
        ],
    )


def begin_step(session: Session, lease: Lease, name: StepName, total: int = 0) -> bool:
    """The step before it succeeded. False when the run is another's."""
    return leases.write(
        session,
        TrainingRun,
        lease,
        steps=_over(session, lease, name),
        step=name,
        done=0,
        total=total,
        step_began_at=func.now(),
    )


def end_steps(session: Session, lease: Lease) -> list[dict[str, Any]]:
    """All steps, the last one succeeded, as `succeed_run` takes them."""
    return _over(session, lease, None)


def record_progress(session: Session, lease: Lease, done: int, total: int) -> bool:
    return leases.write(session, TrainingRun, lease, done=done, total=total)


def _over(session: Session, lease: Lease, begins: StepName | None) -> list[dict[str, Any]]:
    """Steps that are over when `begins` begins; one that is done again is named once."""
    run = session.execute(
        select(TrainingRun.steps, TrainingRun.step, TrainingRun.step_began_at).where(
            TrainingRun.id == lease.id
        )
    ).one()
    steps = [step for step in run.steps if step["name"] not in (begins, run.step)]
    if run.step is None or run.step == begins:
        return steps
    ended = StepAnswer(
        name=run.step,
        status="succeeded",
        began_at=run.step_began_at,
        ended_at=datetime.now(UTC),
    )
    return [*steps, ended.model_dump(mode="json")]
