"""Training runs: start, look, cancel, pause, resume; what they say while they run."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from sqlalchemy.orm import Session

from services.api.dependencies import CanReadTraining, CanTrain, Services, ServicesDep
from services.api.routes.paging import Limit
from shared.access.principal import Principal
from shared.config import TrainingSettings
from shared.ids import parse_id, public_id
from shared.schemas.base import Page
from shared.schemas.training import (
    NoteType,
    TrainingPointAnswer,
    TrainingRequest,
    TrainingRunAnswer,
)
from shared.tables import TrainingRun
from shared.training.cancel import cancel_run
from shared.training.pause import pause_run
from shared.training.queries import (
    find_run,
    list_runs,
    read_events,
    read_points,
    run_answer,
    run_answers,
)
from shared.training.report.page import render_page
from shared.training.resume import resume_run
from shared.training.submit import submit_run

router = APIRouter(tags=["training"])
_PAGE = 500
_POLL_SECONDS = "2"
_NDJSON: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/x-ndjson": {"schema": {"$ref": "#/components/schemas/TrainingEventAnswer"}}
        }
    }
}


@router.post("/training-runs", status_code=202)
def start_run(
    request: TrainingRequest, response: Response, services: ServicesDep, principal: CanTrain
) -> TrainingRunAnswer:
    """Train a model version for a note type. What can be seen to fail is refused at once."""
    default_base = TrainingSettings().base_model
    with services.database.transaction(principal.tenant) as session:
        run = submit_run(session, principal.tenant, request, default_base=default_base)
        answer = run_answer(session, run)
        services.audit(
            session, principal, "training_run.create", answer.id, answer.dataset, method=run.method
        )
    response.headers["Location"] = f"/v1/training-runs/{answer.id}"
    return _telling(response, answer)


@router.get("/training-runs")
def runs(  # noqa: PLR0913 - the filters of one list
    services: ServicesDep,
    principal: CanReadTraining,
    note_type: Annotated[NoteType | None, Query()] = None,
    trigger: Annotated[str | None, Query(description="Those that this trigger started.")] = None,
    limit: Limit = 100,
    after: Annotated[str | None, Query(description="The id of the last one seen.")] = None,
) -> Page[TrainingRunAnswer]:
    """Newest first."""
    with services.database.transaction(principal.tenant) as session:
        found = list_runs(
            session,
            note_type=note_type,
            trigger=None if trigger is None else parse_id("trigger", trigger),
            after=None if after is None else parse_id("run", after),
            limit=limit + 1,
        )
        return Page(data=run_answers(session, found[:limit]), has_more=len(found) > limit)


@router.get("/training-runs/{run_id}")
def show_run(
    run_id: str, response: Response, services: ServicesDep, principal: CanReadTraining
) -> TrainingRunAnswer:
    """How far it is; once it is over what came of it, with a diagnosis in words."""
    with services.database.transaction(principal.tenant) as session:
        answer = run_answer(session, find_run(session, parse_id("run", run_id)))
    return _telling(response, answer)


@router.get("/training-runs/{run_id}/events", response_class=StreamingResponse, responses=_NDJSON)
def events(
    run_id: str,
    services: ServicesDep,
    principal: CanReadTraining,
    after: Annotated[int, Query(ge=0)] = 0,
) -> StreamingResponse:
    """What has happened by now, as NDJSON by `seq`; continue with `after=` the last you have."""
    with services.database.transaction(principal.tenant) as session:
        run = find_run(session, parse_id("run", run_id)).id

    def lines() -> Iterator[str]:
        last = after
        while True:
            with services.database.transaction(principal.tenant) as session:
                page = read_events(session, run, after=last, limit=_PAGE)
            if not page:
                return
            yield "".join(f"{one.model_dump_json()}\n" for one in page)
            last = page[-1].seq

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@router.get("/training-runs/{run_id}/metrics")
def metrics(
    run_id: str,
    services: ServicesDep,
    principal: CanReadTraining,
    limit: Limit = 1_000,
    after: Annotated[int, Query(ge=-1, description="The last step seen.")] = -1,
) -> Page[TrainingPointAnswer]:
    """The points of its curves, by `step`: losses, ROUGE of a validation sample, learning rate."""
    with services.database.transaction(principal.tenant) as session:
        run = find_run(session, parse_id("run", run_id)).id
        points = read_points(session, run, after=after, limit=limit + 1)
    return Page(data=points[:limit], has_more=len(points) > limit)


@router.get("/training-runs/{run_id}/report", response_class=HTMLResponse)
def report(run_id: str, services: ServicesDep, principal: CanReadTraining) -> HTMLResponse:
    """Its curves as pictures and what they say, as a page for people. It quotes no example."""
    with services.database.transaction(principal.tenant) as session:
        run = find_run(session, parse_id("run", run_id))
        answer, points = run_answer(session, run), read_points(session, run.id)
    return HTMLResponse(render_page(answer, points))


@router.post("/training-runs/{run_id}/cancel")
def cancel(
    run_id: str, response: Response, services: ServicesDep, principal: CanTrain
) -> TrainingRunAnswer:
    """Stop it for good; a running one stops within ten seconds."""
    return _change(services, principal, response, run_id, "cancel", cancel_run)


@router.post("/training-runs/{run_id}/pause")
def pause(
    run_id: str, response: Response, services: ServicesDep, principal: CanTrain
) -> TrainingRunAnswer:
    """Keep its checkpoint and free the device until it is resumed."""
    return _change(services, principal, response, run_id, "pause", pause_run)


@router.post("/training-runs/{run_id}/resume")
def resume(
    run_id: str, response: Response, services: ServicesDep, principal: CanTrain
) -> TrainingRunAnswer:
    """Go on from the last checkpoint."""
    return _change(services, principal, response, run_id, "resume", resume_run)


def _change(  # noqa: PLR0913 - a change and who asks for it
    services: Services,
    principal: Principal,
    response: Response,
    run_id: str,
    verb: str,
    change: Callable[[Session, UUID], TrainingRun],
) -> TrainingRunAnswer:
    with services.database.transaction(principal.tenant) as session:
        run = change(session, parse_id("run", run_id))
        services.audit(session, principal, f"training_run.{verb}", public_id("run", run.id))
        answer = run_answer(session, run)
    return _telling(response, answer)


def _telling(response: Response, answer: TrainingRunAnswer) -> TrainingRunAnswer:
    if answer.status in ("queued", "running"):
        response.headers["Retry-After"] = _POLL_SECONDS
    return answer
