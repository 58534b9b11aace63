"""Reviews: what people say about summaries."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.api.dependencies import CanReadSummaries, CanReview, ServicesDep
from services.api.routes.paging import MOST, Limit
from shared.documents.queries import document_of
from shared.ids import parse_id, public_id
from shared.reviews.next import offer_next
from shared.reviews.queries import list_reviews
from shared.reviews.submit import submit_review
from shared.schemas.base import Page
from shared.schemas.reviews import ReviewAnswer, ReviewRequest, ReviewTask, Selection

router = APIRouter(tags=["reviews"])


@router.post("/summaries/{summary_id}/review", status_code=201)
def review(
    summary_id: str, body: ReviewRequest, services: ServicesDep, principal: CanReview
) -> ReviewAnswer:
    """Say what a summary is worth. The newest review holds; the summary's own text stays."""
    summary = parse_id("sum", summary_id)
    with services.tenant(principal) as (session, vault):
        answer = submit_review(session, vault, summary, body, reviewer=principal.actor)
        names = answer.summary_id, public_id("doc", document_of(session, summary))
        services.audit(session, principal, "summary.review", *names, verdict=answer.verdict)
        return answer


@router.get("/summaries/{summary_id}/reviews")
def reviews(
    summary_id: str,
    services: ServicesDep,
    principal: CanReadSummaries,
    after: str | None = None,
    limit: Limit = MOST,
) -> Page[ReviewAnswer]:
    """All reviews of a summary, newest first: the first holds."""
    summary = parse_id("sum", summary_id)
    past = None if after is None else parse_id("rev", after)
    with services.tenant(principal) as (session, vault):
        page = list_reviews(session, vault, summary, after=past, limit=limit)
        names = public_id("sum", summary), public_id("doc", document_of(session, summary))
        services.audit(session, principal, "review.read", *names)
        return page


@router.get(
    "/reviews/next",
    response_model=ReviewTask,
    responses={204: {"description": "Nothing waits for a review."}},
)
def next_review(
    services: ServicesDep,
    principal: CanReview,
    select: Selection = "random",
    note_type: Annotated[str | None, Query(max_length=64)] = None,
) -> ReviewTask | Response:
    """A summary that no one has reviewed, beside its source; for 15 minutes the asker's alone."""
    with services.tenant(principal) as (session, vault):
        task = offer_next(session, vault, select, note_type=note_type)
        if task is None:
            return Response(status_code=204)
        services.audit(session, principal, "summary.read", task.summary.id, task.document_id)
        services.audit(session, principal, "document.read", task.document_id)
        return task
