"""Datasets: upload, derive, look at, delete."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import StringConstraints

from services.api.dependencies import CanReadDatasets, CanWriteDatasets, Services, ServicesDep
from services.api.receive import body_chunks
from services.api.receive_dataset import derive_dataset, receive_dataset
from services.api.routes.paging import Limit
from shared.access.principal import Principal
from shared.config import DatasetSettings
from shared.datasets.add import Provenance
from shared.datasets.delete import delete_version
from shared.datasets.queries import (
    answer_of,
    find_version,
    list_datasets,
    list_versions,
    name_of,
    read_decisions,
    read_page,
)
from shared.datasets.reading.fields import Columns
from shared.datasets.reading.read import MEDIA_TYPES, read_rows
from shared.errors import InvalidInput
from shared.intake.media_type import parse_media_type
from shared.note_types.queries import load
from shared.schemas.base import Page
from shared.schemas.datasets import (
    DATASET_NAME,
    DatasetAnswer,
    DatasetVersionAnswer,
    PermittedUse,
    Recipe,
    Split,
)

router = APIRouter(tags=["datasets"])
Name = Annotated[str, Path(pattern=DATASET_NAME)]
Number = Annotated[int, Path(ge=1, le=999_999_999)]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Column = Annotated[ColumnName | None, Query()]
_MAX_SOURCE_COLUMNS = 8
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_DERIVE = {"schema": {"$ref": "#/components/schemas/DeriveRequest"}}
_ROWS = {
    "requestBody": {
        "required": True,
        "content": {**dict.fromkeys(MEDIA_TYPES, _BINARY), "application/json": _DERIVE},
    }
}
_DECISIONS_PAGE = 1_000


@router.post("/datasets/{name}/versions", status_code=202, openapi_extra=_ROWS)
def create_version(  # noqa: PLR0913 - what a request has
    name: Name,
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: CanWriteDatasets,
    note_type: Annotated[
        str, Query(max_length=64, description="Of rows that name none.")
    ] = "general",
    origin: Annotated[
        str, Query(max_length=200, description="Where the rows come from.")
    ] = "uploaded",
    permitted_use: Annotated[
        PermittedUse, Query(description="What is not permitted for training is never trained on.")
    ] = "none",
    licence: Annotated[str | None, Query(max_length=200)] = None,
    holds_patient_data: Annotated[bool, Query()] = True,  # noqa: FBT002 - a query parameter
    split: Annotated[Split | None, Query(description="Of rows that name none.")] = None,
    allow_leakage: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    source_column: Annotated[
        list[ColumnName] | None,
        Query(
            max_length=_MAX_SOURCE_COLUMNS,
            description="Repeated, these columns are joined by an empty line, in this order.",
        ),
    ] = None,
    target_column: Column = None,
    group_column: Column = None,
    content_type: Annotated[str, Header()] = "",
    content_encoding: Annotated[str | None, Header(description="`gzip`, or none.")] = None,
) -> DatasetVersionAnswer:
    """Upload examples; each row has a source, and mostly the summary that is wanted of it.

    A bad row is rejected with its line and reason; its neighbours go on. A JSON body instead says
    what version to derive from another, or of reviewed summaries; the query is for rows alone.
    """
    if parse_media_type(content_type)[0] == "application/json":
        number = derive_dataset(services, principal, name, body_chunks(request))
        return _accepted(response, services, principal, name, number)
    provenance = Provenance(note_type, origin, licence, permitted_use, holds_patient_data)
    _check_note_type(services, principal, note_type)
    with services.uploads.hold(principal.tenant):
        rows = read_rows(
            body_chunks(request),
            content_type=content_type,
            content_encoding=content_encoding,
            columns=_columns(source_column, target_column, group_column),
            limits=DatasetSettings(),
            intake=services.intake,
            split=split,
        )
        recipe = Recipe(allow_leakage=allow_leakage)
        number = receive_dataset(services, principal, name, provenance, recipe, rows)
    return _accepted(response, services, principal, name, number)


@router.get("/datasets")
def datasets(
    services: ServicesDep,
    principal: CanReadDatasets,
    limit: Limit = 100,
    after: Annotated[str | None, Query(pattern=DATASET_NAME)] = None,
) -> Page[DatasetAnswer]:
    """By name; `after` is a name."""
    with services.tenant(principal) as (session, vault):
        found = list_datasets(session, vault, after=after, limit=limit + 1)
    return Page(data=found[:limit], has_more=len(found) > limit)


@router.get("/datasets/{name}/versions")
def versions(
    name: Name,
    services: ServicesDep,
    principal: CanReadDatasets,
    limit: Limit = 100,
    after: Annotated[int | None, Query(ge=1)] = None,
) -> Page[DatasetVersionAnswer]:
    """Newest first; `after` is a number."""
    with services.tenant(principal) as (session, vault):
        found = list_versions(session, name, after=after, limit=limit + 1)
        data = [
            answer_of(vault, name, one, name_of(session, one.derived_from), with_report=False)
            for one in found[:limit]
        ]
    return Page(data=data, has_more=len(found) > limit)


@router.get("/datasets/{name}/versions/{number}")
def show_version(
    name: Name, number: Number, services: ServicesDep, principal: CanReadDatasets
) -> DatasetVersionAnswer:
    """How far it is and, once it is ready, what is in it. The report quotes rows."""
    return _answer(services, principal, name, number)


@router.get("/datasets/{name}/versions/{number}/report", response_class=HTMLResponse)
def report(
    name: Name, number: Number, services: ServicesDep, principal: CanReadDatasets
) -> HTMLResponse:
    """The report as a page for people."""
    with services.tenant(principal) as (session, vault):
        version = find_version(session, name, number)
        page = read_page(vault, version)
        services.audit(session, principal, "dataset.read", name, version=number)
    return HTMLResponse(page)


@router.get("/datasets/{name}/versions/{number}/decisions", response_class=StreamingResponse)
def decisions(
    name: Name,
    number: Number,
    services: ServicesDep,
    principal: CanReadDatasets,
    after: Annotated[int, Query(ge=0)] = 0,
) -> StreamingResponse:
    """What became of each row, as NDJSON by `line`; continue with `after=` the last you have."""
    with services.database.transaction(principal.tenant) as session:
        version = find_version(session, name, number).id

    def lines() -> Iterator[str]:
        last = after
        while True:
            with services.database.transaction(principal.tenant) as session:
                page = read_decisions(session, version, after=last, limit=_DECISIONS_PAGE)
            if not page:
                return
            yield "".join(f"{one.model_dump_json()}\n" for one in page)
            last = page[-1].line

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@router.delete("/datasets/{name}/versions/{number}", status_code=204)
def delete(name: Name, number: Number, services: ServicesDep, principal: CanWriteDatasets) -> None:
    """Delete its rows, for good; the number is never given again."""
    with services.database.transaction(principal.tenant) as session:
        delete_version(session, find_version(session, name, number).id)
        services.audit(session, principal, "dataset.delete", name, version=number)


def _accepted(
    response: Response, services: Services, principal: Principal, name: str, number: int
) -> DatasetVersionAnswer:
    response.headers["Location"] = f"/v1/datasets/{name}/versions/{number}"
    response.headers["Retry-After"] = "1"
    return _answer(services, principal, name, number)


def _columns(source: Sequence[str] | None, target: str | None, group: str | None) -> Columns:
    usual = Columns()
    return Columns(
        source=tuple(source or usual.source),
        target=target or usual.target,
        group_id=group or usual.group_id,
    )


def _check_note_type(services: Services, principal: Principal, note_type: str) -> None:
    with services.database.transaction(principal.tenant) as session:
        if note_type in load(session):
            return
    raise InvalidInput(
        "There is no such note type.",
        code="unknown_note_type",
        param="note_type",
        how_to_fix="`epicrisis note-types list` shows them.",
    )


def _answer(
    services: Services, principal: Principal, name: str, number: int
) -> DatasetVersionAnswer:
    with services.tenant(principal) as (session, vault):
        version = find_version(session, name, number)
        services.audit(session, principal, "dataset.read", name, version=version.number)
        return answer_of(vault, name, version, name_of(session, version.derived_from))
