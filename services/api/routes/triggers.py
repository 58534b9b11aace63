"""Training triggers: what starts runs by itself."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.api.dependencies import CanReadTraining, CanTrain, ServicesDep
from services.api.routes.paging import Limit
from shared.config import TrainingSettings
from shared.ids import parse_id, public_id
from shared.schemas.base import Page
from shared.schemas.training import TriggerAnswer, TriggerRequest
from shared.training.triggers.add import add_trigger
from shared.training.triggers.delete import delete_trigger
from shared.training.triggers.pause import pause_trigger
from shared.training.triggers.queries import (
    find_trigger,
    list_triggers,
    trigger_answer,
    trigger_answers,
)
from shared.training.triggers.resume import resume_trigger

router = APIRouter(tags=["training"])


@router.post("/training-triggers", status_code=201)
def create_trigger(
    request: TriggerRequest, response: Response, services: ServicesDep, principal: CanTrain
) -> TriggerAnswer:
    """Start a run by a schedule, or whenever enough summaries were reviewed since the last time.

    `promote` other than `never` needs the scope `models:promote`, too.
    """
    if request.promote != "never":
        services.require(principal, "models:promote")
    default_base = TrainingSettings().base_model
    with services.database.transaction(principal.tenant) as session:
        trigger = add_trigger(session, principal.tenant, request, default_base=default_base)
        answer = trigger_answer(session, trigger)
        services.audit(
            session, principal, "training_trigger.create", answer.id, promote=request.promote
        )
    response.headers["Location"] = f"/v1/training-triggers/{answer.id}"
    return answer


@router.get("/training-triggers")
def triggers(
    services: ServicesDep,
    principal: CanReadTraining,
    limit: Limit = 100,
    after: Annotated[str | None, Query(description="The id of the last one seen.")] = None,
) -> Page[TriggerAnswer]:
    """Newest first."""
    last = None if after is None else parse_id("trigger", after)
    with services.database.transaction(principal.tenant) as session:
        found = list_triggers(session, after=last, limit=limit + 1)
        return Page(data=trigger_answers(session, found[:limit]), has_more=len(found) > limit)


@router.get("/training-triggers/{trigger_id}")
def show_trigger(
    trigger_id: str, services: ServicesDep, principal: CanReadTraining
) -> TriggerAnswer:
    """When it is due, the run that it started last, and why the last occasion started none."""
    with services.database.transaction(principal.tenant) as session:
        return trigger_answer(session, find_trigger(session, parse_id("trigger", trigger_id)))


@router.post("/training-triggers/{trigger_id}/pause")
def pause(trigger_id: str, services: ServicesDep, principal: CanTrain) -> TriggerAnswer:
    """It starts nothing until it is resumed."""
    with services.database.transaction(principal.tenant) as session:
        trigger = pause_trigger(session, parse_id("trigger", trigger_id))
        services.audit(
            session, principal, "training_trigger.pause", public_id("trigger", trigger.id)
        )
        return trigger_answer(session, trigger)


@router.post("/training-triggers/{trigger_id}/resume")
def resume(trigger_id: str, services: ServicesDep, principal: CanTrain) -> TriggerAnswer:
    """Go on; slots that passed meanwhile are not made up for."""
    with services.database.transaction(principal.tenant) as session:
        trigger = resume_trigger(session, parse_id("trigger", trigger_id))
        services.audit(
            session, principal, "training_trigger.resume", public_id("trigger", trigger.id)
        )
        return trigger_answer(session, trigger)


@router.delete("/training-triggers/{trigger_id}", status_code=204)
def remove_trigger(trigger_id: str, services: ServicesDep, principal: CanTrain) -> None:
    """The runs that it started stay."""
    trigger = parse_id("trigger", trigger_id)
    with services.database.transaction(principal.tenant) as session:
        delete_trigger(session, trigger)
        services.audit(session, principal, "training_trigger.delete", public_id("trigger", trigger))
