"""Summaries: one document at a time, and single summaries and texts."""

import re
import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import AwareDatetime

from services.api.dependencies import CanReadSummaries, CanSubmit, Services, ServicesDep
from services.api.receive import receive_records
from shared.access.principal import Principal
from shared.documents.explain import explain
from shared.documents.queries import (
    DocumentState,
    SummaryFilter,
    document_of,
    documents_of,
    get_state,
    get_summary,
    get_text,
    list_summaries,
)
from shared.ids import parse_id, public_id
from shared.intake.read import read_records
from shared.intake.records import Record, Rejected
from shared.schemas.base import Page
from shared.schemas.batches import BatchParameters
from shared.schemas.explanations import Explanation
from shared.schemas.summaries import (
    PROMPT_VERSION,
    ListedSummary,
    PendingSummary,
    ReviewState,
    SummaryAnswer,
    SummaryRequest,
)

router = APIRouter(tags=["summaries"])
_MAX_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.1
_OF_THE_BATCH = set(SummaryRequest.model_fields) & set(BatchParameters.model_fields) - {"metadata"}
_PAGE = 100
_LONGEST_PAGE = 500
"""The audit names each summary of a page with its document."""


@router.post("/summaries", status_code=202, responses={200: {"model": SummaryAnswer}})
def summarize(
    body: SummaryRequest,
    response: Response,
    services: ServicesDep,
    principal: CanSubmit,
    prefer: Annotated[str, Header()] = "",
) -> SummaryAnswer | PendingSummary:
    """Summarize one document; with `Prefer: wait=10` the answer waits up to ten seconds for it."""
    services.require(principal, "summaries:read")
    answer = summarize_now(services, principal, body, prefer)
    if isinstance(answer, SummaryAnswer):
        response.status_code = 200
    else:
        response.headers["Location"] = f"/v1/batches/{answer.batch_id}"
        response.headers["Retry-After"] = "1"
    return answer


def summarize_now(
    services: Services, principal: Principal, body: SummaryRequest, prefer: str
) -> SummaryAnswer | PendingSummary:
    """An interactive document; `prefer` says for how long its summary is waited for."""
    record = _record(services, body)
    given = body.model_dump(include=_OF_THE_BATCH, exclude_none=True)
    batch = receive_records(services, principal, [record], {**given, "priority": "interactive"})
    with services.database.transaction(principal.tenant) as session:
        document = documents_of(session, batch)[0]
    state = _look(services, principal, document)
    if services.waits.acquire(blocking=False):
        try:
            state = _wait(services, principal, state, _seconds(prefer))
        finally:
            services.waits.release()
    return _answer(state)


@router.get("/summaries")
def show_summaries(  # noqa: PLR0913 - what a request has
    services: ServicesDep,
    principal: CanReadSummaries,
    note_type: Annotated[str | None, Query(max_length=64)] = None,
    model_version: Annotated[str | None, Query(max_length=512)] = None,
    prompt_version: Annotated[str | None, Query(pattern=PROMPT_VERSION)] = None,
    review_state: ReviewState | None = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=_LONGEST_PAGE)] = _PAGE,
    after: str | None = None,
) -> Page[ListedSummary]:
    """Newest first; times are those at which summaries were recorded."""
    wanted = SummaryFilter(note_type, model_version, prompt_version, review_state, since, until)
    past = None if after is None else parse_id("sum", after)
    with services.tenant(principal) as (session, vault):
        page = list_summaries(session, vault, wanted, after=past, limit=limit)
        names = [name for each in page.data for name in (each.id, each.document_id)]
        services.audit(session, principal, "summary.list", *names, summaries=len(page.data))
        return page


@router.get("/summaries/{summary_id}")
def show_summary(
    summary_id: str, services: ServicesDep, principal: CanReadSummaries
) -> SummaryAnswer:
    with services.tenant(principal) as (session, vault):
        answer = get_summary(session, vault, parse_id("sum", summary_id))
        document = public_id("doc", document_of(session, parse_id("sum", summary_id)))
        services.audit(session, principal, "summary.read", answer.id, document)
        return answer


@router.get("/summaries/{summary_id}/explain")
def explain_summary(
    summary_id: str, services: ServicesDep, principal: CanReadSummaries
) -> Explanation:
    """How a summary came to be: ways that were tried, what was read, each sentence's evidence."""
    with services.tenant(principal) as (session, vault):
        explanation = explain(session, vault, parse_id("sum", summary_id))
        names = explanation.summary_id, explanation.document_id
        services.audit(session, principal, "summary.explain", *names)
        return explanation


@router.get("/documents/{document_id}/text", response_class=PlainTextResponse)
def show_text(document_id: str, services: ServicesDep, principal: CanReadSummaries) -> str:
    """The text to which the offsets of evidence refer."""
    with services.tenant(principal) as (session, vault):
        text = get_text(session, vault, parse_id("doc", document_id))
        services.audit(session, principal, "document.read", document_id)
        return text


def _record(services: Services, body: SummaryRequest) -> Record:
    """The document by the rules of every other submission. Raises InvalidRecord."""
    line = body.model_dump_json(exclude=_OF_THE_BATCH, exclude_none=True).encode()
    intake = read_records(
        [line], content_type="application/x-ndjson", content_encoding=None, limits=services.intake
    )
    outcome = next(intake.records)
    if isinstance(outcome, Rejected):
        raise outcome.error
    return outcome


def _wait(
    services: Services, principal: Principal, state: DocumentState, seconds: float
) -> DocumentState:
    until = time.monotonic() + seconds
    while state.status in ("queued", "running") and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        state = _look(services, principal, state.document)
    return state


def _look(services: Services, principal: Principal, document: UUID) -> DocumentState:
    """Where the document stands; a summary in it is read, and that is written down."""
    with services.tenant(principal) as (session, vault):
        state = get_state(session, vault, document)
        if state.summary is not None:
            names = public_id("doc", document), public_id("batch", state.batch)
            services.audit(session, principal, "summary.read", state.summary.id, *names)
    return state


def _answer(state: DocumentState) -> SummaryAnswer | PendingSummary:
    if state.summary is not None:
        return state.summary
    return PendingSummary(
        status=state.status,
        document_id=public_id("doc", state.document),
        batch_id=public_id("batch", state.batch),
        error_code=state.error_code,
    )


def _seconds(prefer: str) -> float:
    """The `wait` preference of RFC 7240, in seconds; 0 without one."""
    match = re.search(r"\bwait=(\d{1,4})\b", prefer)
    return min(float(match[1]), _MAX_WAIT_SECONDS) if match else 0.0
