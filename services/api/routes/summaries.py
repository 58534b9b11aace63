"""Summaries: one document at a time, and single summaries and texts."""

import re
import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response
from fastapi.responses import PlainTextResponse

from services.api.dependencies import CanReadSummaries, CanSubmit, Services, ServicesDep
from services.api.receive import receive_records
from shared.access.principal import Principal
from shared.documents.queries import (
    DocumentState,
    document_of,
    documents_of,
    get_state,
    get_summary,
    get_text,
)
from shared.ids import parse_id, public_id
from shared.intake.read import read_records
from shared.intake.records import Record, Rejected
from shared.schemas.batches import BatchParameters
from shared.schemas.summaries import PendingSummary, SummaryAnswer, SummaryRequest

router = APIRouter(tags=["summaries"])
_MAX_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.1


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
    record = _record(services, body)
    parameters = BatchParameters(
        note_type=body.note_type,
        fallback=body.fallback,
        reuse=body.reuse,
        priority="interactive",
    )
    batch = receive_records(services, principal, [record], parameters)
    with services.database.transaction(principal.tenant) as session:
        document = documents_of(session, batch)[0]
    state = _look(services, principal, document)
    if services.waits.acquire(blocking=False):
        try:
            state = _wait(services, principal, state, _seconds(prefer))
        finally:
            services.waits.release()
    return _answer(response, state)


@router.get("/summaries/{summary_id}")
def show_summary(
    summary_id: str, services: ServicesDep, principal: CanReadSummaries
) -> SummaryAnswer:
    with services.tenant(principal) as (session, vault):
        answer = get_summary(session, vault, parse_id("sum", summary_id))
        document = public_id("doc", document_of(session, parse_id("sum", summary_id)))
        services.audit(session, principal, "summary.read", answer.id, document)
        return answer


@router.get("/documents/{document_id}/text", response_class=PlainTextResponse)
def show_text(document_id: str, services: ServicesDep, principal: CanReadSummaries) -> str:
    """The text to which the offsets of evidence refer."""
    with services.tenant(principal) as (session, vault):
        text = get_text(session, vault, parse_id("doc", document_id))
        services.audit(session, principal, "document.read", document_id)
        return text


def _record(services: Services, body: SummaryRequest) -> Record:
    """The document by the rules of every other submission. Raises InvalidRecord."""
    of_the_batch = {"note_type", "fallback", "reuse"}
    line = body.model_dump_json(exclude=of_the_batch, exclude_none=True).encode()
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


def _answer(response: Response, state: DocumentState) -> SummaryAnswer | PendingSummary:
    if state.summary is not None:
        response.status_code = 200
        return state.summary
    batch = public_id("batch", state.batch)
    response.headers["Location"] = f"/v1/batches/{batch}"
    response.headers["Retry-After"] = "1"
    return PendingSummary(
        status=state.status,
        document_id=public_id("doc", state.document),
        batch_id=batch,
        error_code=state.error_code,
    )


def _seconds(prefer: str) -> float:
    """The `wait` preference of RFC 7240, in seconds; 0 without one."""
    match = re.search(r"\bwait=(\d{1,4})\b", prefer)
    return min(float(match[1]), _MAX_WAIT_SECONDS) if match else 0.0
