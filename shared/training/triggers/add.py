"""Add a trigger; what can be seen to fail each time is refused now."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.bases.queries import find_base
from shared.bases.request import ensure_base
from shared.datasets.queries import find_version
from shared.errors import InvalidInput, NotFound
from shared.ids import new_id
from shared.note_types.queries import load
from shared.registry.queries import find_named
from shared.schemas.training import TriggerRequest
from shared.tables import TrainingTrigger
from shared.training.triggers.schedule import next_slot


def add_trigger(
    session: Session, tenant: UUID, request: TriggerRequest, *, default_base: str | None
) -> TrainingTrigger:
    """It counts from now on. Needs a transaction of the tenant. Raises InvalidInput, Conflict."""
    if request.note_type not in load(session):
        raise InvalidInput(
            "There is no such note type.",
            code="unknown_note_type",
            param="note_type",
            how_to_fix="`epicrisis note-types list` shows them.",
        )
    now = datetime.now(UTC)
    scheduled = request.schedule is not None
    if scheduled:
        _require_dataset(session, request.dataset)
    trigger = TrainingTrigger(
        id=new_id(),
        tenant_id=tenant,
        note_type=request.note_type,
        dataset=request.dataset,
        base=_base(session, tenant, request.base_model, default_base),
        method=request.method,
        hyperparameters=request.hyperparameters.model_dump(mode="json", exclude_unset=True),
        seed=request.seed,
        schedule=request.schedule,
        time_zone=request.time_zone,
        new_reviews=request.new_reviews,
        reviews_from=None if scheduled else now,
        promote=request.promote,
        next_at=_first_slot(request, now),
    )
    session.add(trigger)
    session.flush()
    return trigger


def _first_slot(request: TriggerRequest, now: datetime) -> datetime | None:
    if request.schedule is None or request.time_zone is None:
        return None
    return next_slot(request.schedule, request.time_zone, now)


def _require_dataset(session: Session, name: str) -> None:
    """One of reviews may come into being with the first of them."""
    try:
        find_version(session, name)
    except NotFound:
        raise InvalidInput(
            "There is no such dataset.",
            code="unknown_dataset",
            param="dataset",
            how_to_fix="`epicrisis datasets list` shows them.",
        ) from None


def _base(session: Session, tenant: UUID, asked: str | None, default: str | None) -> str:
    """The name of what runs begin from; the default is imported now, and not at night."""
    if asked is None:
        if default is None:
            raise InvalidInput(
                "No base is named, and there is no default.",
                code="no_base",
                param="base_model",
                how_to_fix="Name an imported base, or set EPICRISIS_BASE_MODEL.",
            )
        return ensure_base(session, tenant, default).name
    known = (
        find_named(session, asked) if asked.startswith("models:/") else find_base(session, asked)
    )
    if known is None:
        raise InvalidInput(
            "There is no such base.",
            code="unknown_base",
            param="base_model",
            how_to_fix="`epicrisis bases list` and `epicrisis models list` show them.",
        )
    return asked
