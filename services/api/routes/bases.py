"""Bases: import what training begins from, look, delete."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.api.dependencies import CanReadTraining, CanTrain, ServicesDep
from services.api.routes.paging import Limit, page_of
from shared.bases.delete import delete_base
from shared.bases.queries import base_answer, find_base, list_bases
from shared.bases.request import request_base
from shared.errors import NotFound
from shared.ids import parse_id, public_id
from shared.schemas.base import Page
from shared.schemas.training import BASE_NAME, BaseAnswer, BaseRequest

router = APIRouter(tags=["training"])
Name = Annotated[str, Path(pattern=BASE_NAME, description="As runs name it; it may hold a `/`.")]
_POLL_SECONDS = "2"


@router.post("/bases", status_code=202)
def import_base(
    request: BaseRequest, response: Response, services: ServicesDep, principal: CanTrain
) -> BaseAnswer:
    """Import a model that training can begin from; one that failed is tried again.

    The training worker loads its weights in a process without network, and keeps them as
    safetensors with their digest. Asking twice gives the same base.
    """
    with services.database.transaction(principal.tenant) as session:
        base = request_base(session, principal.tenant, request)
        services.audit(session, principal, "base.import", public_id("base", base.id))
        answer = base_answer(base)
    response.headers["Location"] = f"/v1/bases/{answer.name}"
    return _telling(response, answer)


@router.get("/bases")
def bases(
    services: ServicesDep,
    principal: CanReadTraining,
    limit: Limit = 100,
    after: Annotated[str | None, Query(description="The id of the last one seen.")] = None,
) -> Page[BaseAnswer]:
    """Newest first."""
    last = None if after is None else parse_id("base", after)
    with services.database.transaction(principal.tenant) as session:
        return page_of(list_bases(session, after=last, limit=limit + 1), limit, base_answer)


@router.get("/bases/{base:path}")
def show_base(
    base: Name, response: Response, services: ServicesDep, principal: CanReadTraining
) -> BaseAnswer:
    """How far its import is, or what it is."""
    with services.database.transaction(principal.tenant) as session:
        found = find_base(session, base)
        if found is None:
            raise NotFound(
                "There is no such base.", how_to_fix="`epicrisis bases list` shows them."
            )
        answer = base_answer(found)
    return _telling(response, answer)


@router.delete("/bases/{base:path}", status_code=204)
def remove_base(base: Name, services: ServicesDep, principal: CanTrain) -> None:
    """Delete a base from which nothing has begun."""
    with services.database.transaction(principal.tenant) as session:
        deleted = delete_base(session, base)
        services.audit(session, principal, "base.delete", public_id("base", deleted))


def _telling(response: Response, answer: BaseAnswer) -> BaseAnswer:
    if answer.status in ("queued", "running"):
        response.headers["Retry-After"] = _POLL_SECONDS
    return answer
