"""Read training runs and what they say. Needs a transaction of the tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.ids import public_id
from shared.schemas.training import (
    STEPS,
    Diagnosis,
    JobError,
    Preflight,
    StepAnswer,
    StepName,
    TrainingEventAnswer,
    TrainingPointAnswer,
    TrainingRunAnswer,
)
from shared.tables import (
    Dataset,
    DatasetVersion,
    Evaluation,
    ModelVersion,
    TrainingEvent,
    TrainingPoint,
    TrainingRun,
)
from shared.training.diagnose import diagnose
from shared.training.diagnosis.curves import ROUGE
from shared.training.diagnosis.seeds import SeedScore
from shared.training.progress import Progress, completion, seconds_a_step

_CLOCK = "seconds"
"""The measure that says how long it has trained until this step."""
_LATELY = 20
_SEEDS = 16
_NOW_AT = {"queued": "waiting", "paused": "waiting", "running": "running"}


def find_run(session: Session, run_id: UUID) -> TrainingRun:
    """Raises NotFound."""
    run = session.get(TrainingRun, run_id)
    if run is None:
        raise NotFound(
            "There is no such training run.", how_to_fix="`epicrisis runs list` shows them."
        )
    return run


def list_runs(
    session: Session, *, note_type: str | None, trigger: UUID | None, after: UUID | None, limit: int
) -> Sequence[TrainingRun]:
    """Newest first; `after`: older than this one."""
    query = select(TrainingRun).order_by(TrainingRun.id.desc()).limit(limit)
    if note_type is not None:
        query = query.where(TrainingRun.note_type == note_type)
    if trigger is not None:
        query = query.where(TrainingRun.trigger_id == trigger)
    if after is not None:
        query = query.where(TrainingRun.id < after)
    return session.scalars(query).all()


def run_answers(session: Session, runs: Sequence[TrainingRun]) -> list[TrainingRunAnswer]:
    """The same runs as the outside sees them."""
    links = _links(session, runs)
    return [_answer(session, run, links) for run in runs]


def run_answer(session: Session, run: TrainingRun) -> TrainingRunAnswer:
    return run_answers(session, [run])[0]


def read_events(
    session: Session, run: UUID, *, after: int, limit: int
) -> list[TrainingEventAnswer]:
    """A keyset page, by `seq`."""
    rows = session.scalars(
        select(TrainingEvent)
        .where(TrainingEvent.run_id == run, TrainingEvent.seq > after)
        .order_by(TrainingEvent.seq)
        .limit(limit)
    )
    return [TrainingEventAnswer.model_validate(row, from_attributes=True) for row in rows]


def read_points(
    session: Session, run: UUID, *, after: int = -1, limit: int | None = None
) -> list[TrainingPointAnswer]:
    """A keyset page, by `step`."""
    rows = session.scalars(
        select(TrainingPoint)
        .where(TrainingPoint.run_id == run, TrainingPoint.step > after)
        .order_by(TrainingPoint.step)
        .limit(limit)
    )
    return [_point(row) for row in rows]


def diagnose_run(session: Session, run: TrainingRun) -> Diagnosis:
    """What its points say, and its outcome, beside runs that are alike but for the seed."""
    return diagnose(
        read_points(session, run.id),
        run.best_step,
        method=run.method,
        hyperparameters=run.resolved or run.hyperparameters,
        seeds=_seed_scores(session, run),
    )


@dataclass(frozen=True, slots=True)
class _Links:
    """What runs point at, and what points at them, by the run's own id or the other's."""

    datasets: Mapping[UUID, str]
    versions: Mapping[UUID, str]
    evaluations: Mapping[UUID, str]


def _links(session: Session, runs: Sequence[TrainingRun]) -> _Links:
    ids = [run.id for run in runs]
    datasets = session.execute(
        select(DatasetVersion.id, Dataset.name, DatasetVersion.number)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(DatasetVersion.id.in_({run.dataset_version_id for run in runs}))
    )
    versions = session.scalars(select(ModelVersion).where(ModelVersion.run_id.in_(ids)))
    evaluations = session.execute(
        select(Evaluation.run_id, Evaluation.id)
        .where(Evaluation.run_id.in_(ids))
        .order_by(Evaluation.id)
    )
    return _Links(
        {row.id: f"{row.name}@{row.number}" for row in datasets},
        {one.run_id: f"models:/{one.note_type}/{one.number}" for one in versions if one.run_id},
        {row.run_id: public_id("eval", row.id) for row in evaluations if row.run_id},
    )


def _answer(session: Session, run: TrainingRun, links: _Links) -> TrainingRunAnswer:
    error = None
    if run.error_code is not None:
        error = JobError(
            code=run.error_code, message=run.error_message or "", how_to_fix=run.error_fix
        )
    progress = Progress(_step(run.step), run.done, run.total)
    return TrainingRunAnswer.model_validate(
        {
            "id": public_id("run", run.id),
            "status": run.status,
            "note_type": run.note_type,
            "dataset": links.datasets[run.dataset_version_id],
            "base_model": run.base,
            "method": run.method,
            "hyperparameters": run.resolved or run.hyperparameters,
            "seed": run.seed,
            "steps": _steps(run),
            "percentage_done": 100.0 if run.status == "succeeded" else progress.percentage,
            "estimated_completion_at": _completion(session, run, progress),
            "best_step": run.best_step,
            "model_version": links.versions.get(run.id),
            "evaluation": links.evaluations.get(run.id),
            "preflight": run.preflight and Preflight.model_validate(run.preflight),
            "diagnosis": run.diagnosis and Diagnosis.model_validate(run.diagnosis),
            "outcome": run.outcome,
            "error": error,
            "trigger": run.trigger_id and public_id("trigger", run.trigger_id),
            "device": run.device,
            "created_at": run.created_at,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
        }
    )


def _step(name: str | None) -> StepName | None:
    return next((one for one in STEPS if one == name), None)


def _steps(run: TrainingRun) -> list[StepAnswer]:
    """All of them, in order: those that are over, the one that it is at, and those that wait."""
    known = {one.name: one for one in map(StepAnswer.model_validate, run.steps)}
    if (at := _step(run.step)) is not None and run.status != "succeeded":
        known[at] = StepAnswer.model_validate(
            {
                "name": at,
                "status": _NOW_AT.get(run.status, run.status),
                "began_at": run.step_began_at,
                "ended_at": run.ended_at,
            }
        )
    return [known.get(name) or StepAnswer(name=name, status="waiting") for name in STEPS]


def _completion(session: Session, run: TrainingRun, progress: Progress) -> datetime | None:
    if run.status != "running" or progress.step != "train":
        return None
    now = datetime.now(UTC)
    pace = seconds_a_step(_clock(session, run.id))
    if pace is None and run.done and run.step_began_at is not None:
        pace = (now - run.step_began_at).total_seconds() / run.done
    return completion(progress, pace, now)


def _clock(session: Session, run: UUID) -> list[tuple[int, float]]:
    rows = session.execute(
        select(TrainingPoint.step, TrainingPoint.measured[_CLOCK].as_float())
        .where(TrainingPoint.run_id == run, TrainingPoint.measured.has_key(_CLOCK))
        .order_by(TrainingPoint.step.desc())
        .limit(_LATELY)
    ).all()
    return [(step, seconds) for step, seconds in reversed(rows)]


def _seed_scores(session: Session, run: TrainingRun) -> list[SeedScore]:
    """Of this run and of those that are alike but for the seed."""
    like = session.scalars(
        select(TrainingRun)
        .where(*_alike(run), (TrainingRun.status == "succeeded") | (TrainingRun.id == run.id))
        .order_by(TrainingRun.id.desc())
        .limit(_SEEDS)
    ).all()
    scores = [(one.seed, _best_rouge(session, one.id)) for one in reversed(like)]
    return [SeedScore(seed, rouge) for seed, rouge in scores if rouge is not None]


def _alike(run: TrainingRun) -> list[ColumnElement[bool]]:
    asked = {**run.hyperparameters}
    return [
        TrainingRun.note_type == run.note_type,
        TrainingRun.dataset_version_id == run.dataset_version_id,
        TrainingRun.base == run.base,
        TrainingRun.base_version_id.is_not_distinct_from(run.base_version_id),
        TrainingRun.method == run.method,
        TrainingRun.hyperparameters == asked,
    ]


def _best_rouge(session: Session, run: UUID) -> float | None:
    measured = [point.values.get(ROUGE) for point in read_points(session, run)]
    return max((value for value in measured if value is not None), default=None)


def _point(row: TrainingPoint) -> TrainingPointAnswer:
    numbers = {
        name: float(value)
        for name, value in row.measured.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return TrainingPointAnswer(step=row.step, epoch=row.epoch, values=numbers)
