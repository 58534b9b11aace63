"""Evaluations: candidates side by side, on examples that none of them was trained on."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from services.api.dependencies import CanReadTraining, CanTrain, Services, ServicesDep
from services.api.routes.paging import Limit
from shared.access.principal import Principal
from shared.evaluations.delete import delete_evaluation
from shared.evaluations.page.render import render_page
from shared.evaluations.queries import answers_of, find_evaluation, list_evaluations, read_cases
from shared.evaluations.submit import submit_evaluation
from shared.ids import public_id
from shared.schemas.base import Page
from shared.schemas.evaluations import EvaluationAnswer, EvaluationRequest

router = APIRouter(prefix="/evaluations", tags=["training"])
_POLL_SECONDS = "2"


@router.post("", status_code=202)
def evaluate(
    request: EvaluationRequest, response: Response, services: ServicesDep, principal: CanTrain
) -> EvaluationAnswer:
    """Compare candidates on a split: model and prompt versions, the extractive route, production.

    What is in production is always among them, and trivial baselines stand beside them. Examples of
    groups that a candidate was trained on are left out, and counted. The candidates' summaries are
    ordinary documents at the lowest priority.
    """
    with services.database.transaction(principal.tenant) as session:
        evaluation = submit_evaluation(session, principal.tenant, request)
        # What the database sets by itself.
        session.refresh(evaluation)
        (answer,) = answers_of(session, [evaluation])
        services.audit(session, principal, "evaluation.create", answer.id, answer.dataset)
    response.headers["Location"] = f"/v1/evaluations/{answer.id}"
    return _telling(response, answer)


@router.get("")
def evaluations(
    services: ServicesDep,
    principal: CanReadTraining,
    note_type: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 100,
    after: Annotated[str | None, Query(description="The id of the last one seen.")] = None,
) -> Page[EvaluationAnswer]:
    """Newest first, with their figures and without their cases."""
    with services.database.transaction(principal.tenant) as session:
        found = list_evaluations(session, note_type=note_type, after=after, limit=limit + 1)
        data = answers_of(session, found[:limit])
    return Page(data=data, has_more=len(found) > limit)


@router.get("/{evaluation_id}")
def show_evaluation(
    evaluation_id: str, response: Response, services: ServicesDep, principal: CanReadTraining
) -> EvaluationAnswer:
    """How far it is and, once it is ready, its figures.

    Whoever may read datasets sees the best and the worst cases, too, which quote examples.
    """
    return _telling(response, _answer(services, principal, evaluation_id))


@router.get("/{evaluation_id}/report", response_class=HTMLResponse)
def report(evaluation_id: str, services: ServicesDep, principal: CanReadTraining) -> HTMLResponse:
    """The same as a page for people: intervals as pictures, remarks, cases."""
    return HTMLResponse(render_page(_answer(services, principal, evaluation_id)))


@router.delete("/{evaluation_id}", status_code=204)
def delete(evaluation_id: str, services: ServicesDep, principal: CanTrain) -> None:
    """Cancel it if it runs, and delete it with the batches of its candidates."""
    with services.database.transaction(principal.tenant) as session:
        evaluation = find_evaluation(session, evaluation_id)
        batches = delete_evaluation(session, evaluation)
        services.audit(session, principal, "evaluation.delete", evaluation_id, batches=len(batches))


def _answer(services: Services, principal: Principal, evaluation_id: str) -> EvaluationAnswer:
    """With its cases, for whom they may be shown to; that is written down."""
    with services.tenant(principal) as (session, vault):
        evaluation = find_evaluation(session, evaluation_id)
        cases = read_cases(vault, evaluation) if "datasets:read" in principal.scopes else None
        (answer,) = answers_of(session, [evaluation], cases=cases)
        services.audit(
            session,
            principal,
            "evaluation.read",
            public_id("eval", evaluation.id),
            answer.dataset,
            cases=len(cases or ()),
        )
    return answer


def _telling(response: Response, answer: EvaluationAnswer) -> EvaluationAnswer:
    if answer.status in ("queued", "running"):
        response.headers["Retry-After"] = _POLL_SECONDS
    return answer
