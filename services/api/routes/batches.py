"""Batches: submit, look, cancel, retry, read results."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.api.dependencies import (
    CanReadSummaries,
    CanSeeBatches,
    CanSubmit,
    Services,
    ServicesDep,
)
from services.api.receive import body_chunks, receive_body
from shared.access.principal import Principal
from shared.batches.cancel import cancel_batch
from shared.batches.queries import get_batch, list_batches
from shared.batches.retry import retry_batch
from shared.documents.queries import read_results
from shared.errors import InvalidInput
from shared.ids import parse_id, public_id
from shared.intake.multipart.read import FIELDS
from shared.intake.read import READERS
from shared.retention.delete_batch import delete_batch
from shared.schemas.batches import (
    FINAL_BATCH_STATUSES,
    BatchAnswer,
    BatchList,
    Fallback,
    Limits,
    Priority,
    ResultStatus,
    Reuse,
    Superseded,
)
from shared.schemas.retention import Deletion
from shared.schemas.summaries import MODEL_VERSION, PROMPT_VERSION, Route

router = APIRouter(tags=["batches"])
_PAGE = 500
_POLL_SECONDS = 2
_FORMATS = """\
- NDJSON, a record a line: `{"custom_id", "text", "note_type"?, "subject"?, "language"?,
  "metadata"?}`; JSON: `{"documents": [such records], and any parameters of the batch}`.
- FHIR R4: DocumentReference, DiagnosticReport, Composition, alone or in a Bundle; Binary resources
  that they point at in the same body.
- C-CDA: one ClinicalDocument. Plain text: one document.
- `multipart/form-data`: files of all these kinds, and PDF, RTF, HTML and XHTML, each with its
  Content-Type or a name that tells it."""
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {
    "schema": {
        "type": "object",
        "description": "Fields (the parameters of the query, by the same names) before the files.",
        "properties": {
            **{name: {"type": "string"} for name in FIELDS},
            "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
        },
        "required": ["file"],
    }
}
_ANY_FORMAT = {
    "requestBody": {
        "required": True,
        "description": _FORMATS,
        "content": dict.fromkeys(sorted(READERS), _BINARY) | {"multipart/form-data": _FILES},
    }
}
_NDJSON: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/ResultLine"}}}
    }
}


def query_parameters(  # noqa: PLR0913 - the parameters of a batch
    request: Request,
    note_type: Annotated[str | None, Query(description="For records that name none.")] = None,
    group: Annotated[str | None, Query(description="A name that batches share.")] = None,
    priority: Annotated[Priority | None, Query(description="`normal` unless given.")] = None,
    fallback: Annotated[
        Fallback | None,
        Query(description="How far a document may step down from the best route; `any`."),
    ] = None,
    superseded: Annotated[
        Superseded | None,
        Query(description="`skip` rejects superseded FHIR documents; `include` warns."),
    ] = None,
    reuse: Annotated[
        Reuse | None,
        Query(description="`same_version`: an unchanged note keeps the summary that it has."),
    ] = None,
    route: Annotated[
        Route | None, Query(description="Begin at this route rather than at the best.")
    ] = None,
    model_version: Annotated[
        str | None,
        Query(pattern=MODEL_VERSION, description="Begin with this model, whatever is production."),
    ] = None,
    prompt_version: Annotated[
        str | None,
        Query(pattern=PROMPT_VERSION, description="Begin with this prompt: `prompts:/visit/1`."),
    ] = None,
) -> dict[str, Any]:
    """Those given in the query; a JSON body may hold the others.

    Raises InvalidInput for an unknown one: mistyped, it would be missed only in the summaries.
    """
    given = {
        "note_type": note_type,
        "group": group,
        "priority": priority,
        "fallback": fallback,
        "superseded": superseded,
        "reuse": reuse,
        "route": route,
        "model_version": model_version,
        "prompt_version": prompt_version,
    }
    if not given.keys() >= request.query_params.keys():
        raise InvalidInput(
            "A parameter of the query is not known.",
            code="invalid_parameter",
            how_to_fix=f"Known are {', '.join(given)}.",
        )
    return {name: value for name, value in given.items() if value is not None}


@router.post("/batches", status_code=202, openapi_extra=_ANY_FORMAT)
def create_batch(  # noqa: PLR0913 - what a request has
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: CanSubmit,
    query: Annotated[dict[str, Any], Depends(query_parameters)],
    content_type: Annotated[str, Header()] = "",
    content_encoding: Annotated[str | None, Header(description="`gzip`, or none.")] = None,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="Within seven days the same key with the same records and parameters "
            "gives the batch that is there already.",
        ),
    ] = None,
) -> BatchAnswer:
    """Submit documents. A bad record is rejected with its line and reason; its neighbours go on."""
    with services.uploads.hold(principal.tenant):
        batch = receive_body(
            services,
            principal,
            body_chunks(request),
            content_type=content_type,
            content_encoding=content_encoding,
            query=query,
            idempotency_key=idempotency_key,
        )
    with services.tenant(principal) as (session, vault):
        answer = get_batch(session, vault, batch)
    response.headers["Location"] = f"/v1/batches/{answer.id}"
    return _polled(response, answer)


@router.get("/batches")
def get_batches(
    services: ServicesDep,
    principal: CanSeeBatches,
    group: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> BatchList:
    """Newest first. With `group`, also the sums over the group."""
    with services.tenant(principal) as (session, vault):
        return list_batches(session, vault, group=group, after=after, limit=limit)


@router.get("/batches/{batch_id}")
def show_batch(
    batch_id: str, response: Response, services: ServicesDep, principal: CanSeeBatches
) -> BatchAnswer:
    return _current(response, services, principal, batch_id)


@router.post("/batches/{batch_id}/cancel")
def cancel(
    batch_id: str, response: Response, services: ServicesDep, principal: CanSubmit
) -> BatchAnswer:
    """Stop it: nothing more is begun, and what runs is discarded."""
    with services.database.transaction(principal.tenant) as session:
        cancel_batch(session, parse_id("batch", batch_id))
        services.audit(session, principal, "batch.cancel", batch_id)
    return _current(response, services, principal, batch_id)


@router.post("/batches/{batch_id}/retry")
def retry(
    batch_id: str,
    response: Response,
    services: ServicesDep,
    principal: CanSubmit,
    include: Literal["quarantined"] | None = None,
) -> BatchAnswer:
    """Failed documents go back to the queue; quarantined ones only with `include=quarantined`."""
    with services.database.transaction(principal.tenant) as session:
        retry_batch(session, parse_id("batch", batch_id), include_quarantined=include is not None)
        services.audit(session, principal, "batch.retry", batch_id, include=include)
    return _current(response, services, principal, batch_id)


@router.delete("/batches/{batch_id}")
def delete(
    batch_id: str,
    services: ServicesDep,
    principal: CanSubmit,
    force: Annotated[bool, Query(description="Also one that runs: it is cancelled.")] = False,  # noqa: FBT002 - a query parameter
) -> Deletion:
    """Delete it with its documents, their texts and their summaries, for good."""
    batch = parse_id("batch", batch_id)
    name = public_id("batch", batch)
    with services.database.transaction(principal.tenant) as session:
        deleted = delete_batch(session, batch, force=force)
        services.audit(session, principal, "batch.delete", name, **deleted._asdict())
    return Deletion(batch_id=name, **deleted._asdict())


@router.get("/batches/{batch_id}/results", response_class=StreamingResponse, responses=_NDJSON)
def results(  # noqa: PLR0913 - what a request has
    batch_id: str,
    services: ServicesDep,
    principal: CanReadSummaries,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int | None, Query(ge=1)] = None,
    status: ResultStatus | None = None,
) -> StreamingResponse:
    """Results so far as NDJSON, by `seq`; continue with `after=` the last one that you have."""
    pages = _pages(services, principal, batch_id, after, limit, status)
    first = next(pages, "")

    def lines() -> Iterator[str]:
        yield first
        yield from pages

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@router.get("/limits")
def limits(services: ServicesDep, _: CanSeeBatches) -> Limits:
    """What one submission may hold."""
    return Limits.model_validate(services.intake, from_attributes=True)


def _pages(  # noqa: PLR0913 - the coordinates of a page
    services: Services,
    principal: Principal,
    batch_id: str,
    after: int,
    limit: int | None,
    status: ResultStatus | None,
) -> Iterator[str]:
    """Each page is a short read of its own, so that a slow reader holds no transaction."""
    batch, unread = parse_id("batch", batch_id), True
    while limit is None or limit > 0:
        size = _PAGE if limit is None else min(limit, _PAGE)
        with services.tenant(principal) as (session, vault):
            lines = read_results(session, vault, batch, after=after, limit=size, status=status)
            if unread:
                services.audit(session, principal, "results.read", batch_id, after=after)
                unread = False
        yield "".join(f"{line.model_dump_json()}\n" for line in lines)
        if len(lines) < size:
            return
        after = lines[-1].seq
        limit = None if limit is None else limit - len(lines)


def _current(
    response: Response, services: Services, principal: Principal, batch_id: str
) -> BatchAnswer:
    with services.tenant(principal) as (session, vault):
        answer = get_batch(session, vault, parse_id("batch", batch_id))
    return _polled(response, answer)


def _polled(response: Response, answer: BatchAnswer) -> BatchAnswer:
    if answer.status not in FINAL_BATCH_STATUSES:
        response.headers["Retry-After"] = str(_POLL_SECONDS)
    return answer
