"""Start what a due trigger is for: at most one run for each of its slots.

    schedule      slot has come ─────────────────────────────────────▶ run on the newest version
    new_reviews   enough of them ──▶ version of them ──▶ it is ready ──▶ run on it

Here it is only said that there is to be a version: a background worker collects the reviews into
it. A step is one transaction under the trigger's row lock, which leaves the version or the run
behind with what the trigger waits for next, and `(trigger_id, slot)` is unique: two dispatchers, or
one that died and began anew, start one run. What keeps a run from starting is written to
`last_error`.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.datasets.extend import extend_with_reviews
from shared.datasets.queries import name_of
from shared.documents.withdrawn import is_of_withdrawn
from shared.errors import EpicrisisError, NotFound
from shared.ids import first_id, public_id
from shared.schemas.training import TrainingRequest
from shared.tables import (
    Dataset,
    DatasetVersion,
    Review,
    Summary,
    TrainingRun,
    TrainingTrigger,
)
from shared.training.submit import submit_run
from shared.training.triggers.schedule import next_slot

_OPEN = ("queued", "running", "paused")
_CLOCKS = timedelta(hours=1)
"""By which the clocks of the processes that make ids may differ at most."""


class Act(NamedTuple):
    """What was done for a trigger, as the audit says it."""

    action: str
    object: str


def start_due(session: Session, trigger: TrainingTrigger, now: datetime) -> Act | None:
    """What was done, if anything. `trigger` is locked; needs its tenant's transaction."""
    if trigger.schedule is not None and trigger.time_zone is not None:
        return _on_schedule(session, trigger, now)
    if trigger.pending_version_id is not None:
        return _on_version(session, trigger, trigger.pending_version_id)
    return _on_reviews(session, trigger)


def _on_schedule(session: Session, trigger: TrainingTrigger, now: datetime) -> Act | None:
    """One run, however many slots have passed since this one."""
    assert trigger.schedule and trigger.time_zone and trigger.next_at  # noqa: S101, PT018 - its kind
    slot = trigger.next_at.isoformat()
    trigger.next_at = next_slot(trigger.schedule, trigger.time_zone, now)
    if _is_busy(session, trigger):
        trigger.last_error = (
            "Its last run had not ended when this slot came, so none was started. Let more time "
            "pass between slots."
        )
        return None
    return _start(session, trigger, _newest_ready(session, trigger.dataset), slot)


def _on_reviews(session: Session, trigger: TrainingTrigger) -> Act | None:
    """With enough of them a version is queued, on which the run begins once it is ready."""
    new, until = _new_reviews(session, trigger)
    if trigger.new_reviews is None or new < trigger.new_reviews or _is_busy(session, trigger):
        return None
    version = extend_with_reviews(session, trigger.tenant_id, trigger.dataset, trigger.note_type)
    trigger.pending_version_id, trigger.reviews_from = version, until
    return Act("dataset.derive", name_of(session, version) or "")


def _on_version(session: Session, trigger: TrainingTrigger, version: UUID) -> Act | None:
    row = session.get_one(DatasetVersion, version)
    if row.status in ("queued", "running"):
        return None
    name = name_of(session, version)
    trigger.pending_version_id = None
    if row.status == "failed" or row.deleted_at is not None:
        trigger.last_error = f"The dataset version of the new reviews, {name}, " + (
            "was deleted."
            if row.deleted_at
            else " ".join(filter(None, ("failed:", row.error_message, row.error_fix)))
        )
        return None
    return _start(session, trigger, name, name)


def _start(
    session: Session, trigger: TrainingTrigger, dataset: str | None, slot: str | None
) -> Act | None:
    try:
        if dataset is None:
            raise NotFound(
                "No version of its dataset is ready.",
                how_to_fix="`epicrisis datasets list` shows what there is.",
            )
        with session.begin_nested():
            run = submit_run(
                session,
                trigger.tenant_id,
                _request(trigger, dataset),
                default_base=None,
                trigger=trigger.id,
                slot=slot,
                promote="if_gate_passes" if trigger.promote == "if_gate_passes" else "never",
            )
    except EpicrisisError as error:
        trigger.last_error = _said(error)
        return None
    except ValidationError:
        trigger.last_error = (
            "Its hyperparameters are not those of this version of Epicrisis. Delete it and add "
            "another."
        )
        return None
    except IntegrityError:
        # Only the slot's own run can be in the way: it was started before.
        return None
    trigger.last_error = None
    return Act("training_run.create", public_id("run", run.id))


def _request(trigger: TrainingTrigger, dataset: str) -> TrainingRequest:
    return TrainingRequest.model_validate(
        {
            "note_type": trigger.note_type,
            "dataset": dataset,
            "base_model": trigger.base,
            "method": trigger.method,
            "hyperparameters": trigger.hyperparameters,
            "seed": trigger.seed,
        }
    )


def _is_busy(session: Session, trigger: TrainingTrigger) -> bool:
    unfinished = exists().where(TrainingRun.trigger_id == trigger.id, TrainingRun.status.in_(_OPEN))
    return bool(session.scalar(select(unfinished)))


def _newest_ready(session: Session, dataset: str) -> str | None:
    number = session.scalar(
        select(func.max(DatasetVersion.number))
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(
            Dataset.name == dataset,
            DatasetVersion.status == "ready",
            DatasetVersion.deleted_at.is_(None),
        )
    )
    return None if number is None else f"{dataset}@{number}"


def _new_reviews(session: Session, trigger: TrainingTrigger) -> tuple[int, datetime]:
    """Summaries that were accepted or edited since the last time, and when the last of them was.

    What was accepted of a withdrawn model is none: it is not collected.
    """
    assert trigger.reviews_from is not None  # noqa: S101 - its kind has one
    since: ColumnElement[bool] = Review.created_at > trigger.reviews_from
    row = session.execute(
        select(func.count(Review.summary_id.distinct()), func.max(Review.created_at))
        .join(Summary, Summary.id == Review.summary_id)
        .where(
            since,
            Review.id > first_id(trigger.reviews_from, -_CLOCKS),
            Review.note_type == trigger.note_type,
            (Review.verdict == "edited")
            | ((Review.verdict == "accepted") & ~is_of_withdrawn(session)),
        )
    ).one()
    return row[0], row[1] or trigger.reviews_from


def _said(error: EpicrisisError) -> str:
    return " ".join(filter(None, (error.detail, error.how_to_fix)))
