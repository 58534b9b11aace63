"""The registry of models: versions, what serves, and how that changes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from services.api.dependencies import CanPromote, CanReadModels, Services, ServicesDep
from services.api.routes.paging import Limit
from shared.access.principal import Principal
from shared.ids import public_id
from shared.registry.card import read_card
from shared.registry.demote import demote
from shared.registry.describe import describe_note_types, describe_versions
from shared.registry.export import export_version
from shared.registry.history import read_history
from shared.registry.promote import promote
from shared.registry.queries import find_version, list_versions
from shared.registry.redo import redo_summaries
from shared.registry.require import require_note_type
from shared.registry.rollback import roll_back
from shared.registry.withdraw import withdraw
from shared.schemas.base import Page
from shared.schemas.note_types import NAME_PATTERN
from shared.schemas.registry import (
    ChangeRequest,
    HistoryAnswer,
    ModelAnswer,
    ModelVersionAnswer,
    ProductionAnswer,
    PromoteRequest,
    WithdrawRequest,
)
from shared.storage import Storage, StorageUnavailable

router = APIRouter(tags=["models"])
NoteType = Annotated[str, Path(pattern=NAME_PATTERN)]
Number = Annotated[int, Path(ge=1, le=999_999_999)]


@router.get("/models")
def models(
    services: ServicesDep,
    principal: CanReadModels,
    limit: Limit = 1000,
    after: Annotated[str | None, Query(pattern=NAME_PATTERN)] = None,
) -> Page[ModelAnswer]:
    """Every note type with what serves it; `after` is a note type."""
    with services.database.transaction(principal.tenant) as session:
        known = describe_note_types(session)
    names = [one.note_type for one in known]
    start = names.index(after) + 1 if after in names else 0
    return Page(data=known[start : start + limit], has_more=start + limit < len(known))


@router.get("/models/{note_type}/versions")
def versions(
    note_type: NoteType,
    services: ServicesDep,
    principal: CanReadModels,
    limit: Limit = 100,
    after: Annotated[int | None, Query(ge=1, le=999_999_999)] = None,
) -> Page[ModelVersionAnswer]:
    """Newest first; `after` is a number."""
    with services.database.transaction(principal.tenant) as session:
        require_note_type(session, note_type)
        found = list_versions(session, note_type, after=after, limit=limit + 1)
        data = describe_versions(session, found[:limit])
    return Page(data=data, has_more=len(found) > limit)


@router.get("/models/{note_type}/versions/{version}")
def show_version(
    note_type: NoteType, version: Number, services: ServicesDep, principal: CanReadModels
) -> ModelVersionAnswer:
    """One version with its model card."""
    with services.database.transaction(principal.tenant) as session:
        return _with_card(session, note_type, version)


@router.get(
    "/models/{note_type}/versions/{version}/archive",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-tar": {}}}},
)
def archive(
    note_type: NoteType, version: Number, services: ServicesDep, principal: CanReadModels
) -> StreamingResponse:
    """Its files in Hugging Face layout, as tar: weights, tokenizer, manifest, model card."""
    with services.database.transaction(principal.tenant) as session:
        found = _with_card(session, note_type, version)
        services.audit(session, principal, "model.export", found.name)
    storage = Storage.from_settings()
    if storage is None:
        raise StorageUnavailable(
            "The API knows of no artifact store.",
            how_to_fix="The operator sets EPICRISIS_ARTIFACTS_URL for the API as for the workers.",
        )
    card, found.card = found.card or "", None
    stored = storage.describe(found.digest)
    return StreamingResponse(
        export_version(storage, stored, found, card),
        media_type="application/x-tar",
        headers={"Content-Disposition": f'attachment; filename="{note_type}-{version}.tar"'},
    )


@router.get("/models/{note_type}/history")
def history(  # noqa: PLR0913 - what a request has
    note_type: NoteType,
    services: ServicesDep,
    principal: CanReadModels,
    at: Annotated[AwareDatetime | None, Query(description="What served then.")] = None,
    limit: Limit = 100,
    after: Annotated[int | None, Query(ge=1)] = None,
) -> HistoryAnswer:
    """What served when, newest first; `after` is the `seq` of a line."""
    with services.database.transaction(principal.tenant) as session:
        require_note_type(session, note_type)
        return read_history(session, note_type, at=at, after=after, limit=limit)


@router.post("/models/{note_type}/promote")
def promote_version(
    note_type: NoteType, body: PromoteRequest, services: ServicesDep, principal: CanPromote
) -> ProductionAnswer:
    """Put a version into production, through the gate or, with `override`, past it.

    409 `gate_not_passed` carries the gate's table as `gate`.
    """
    with services.database.transaction(principal.tenant) as session:
        require_note_type(session, note_type)
        answer = promote(
            session,
            tenant=principal.tenant,
            note_type=note_type,
            version=body.version,
            reason=body.reason,
            actor=principal.actor,
            override=body.override,
            expected_production=body.expected_production,
        )
        passed = answer.gate is not None and answer.gate.passed
        gate = "passed" if passed else "overridden"
        _write_down(services, session, principal, "model.promote", answer, gate=gate)
    return answer


@router.post("/models/{note_type}/rollback")
def roll_back_production(
    note_type: NoteType,
    services: ServicesDep,
    principal: CanPromote,
    body: ChangeRequest | None = None,
) -> ProductionAnswer:
    """What served before serves again."""
    reason = (body or ChangeRequest()).reason
    with services.database.transaction(principal.tenant) as session:
        require_note_type(session, note_type)
        answer = roll_back(
            session,
            tenant=principal.tenant,
            note_type=note_type,
            reason=reason,
            actor=principal.actor,
        )
        _write_down(services, session, principal, "model.rollback", answer)
    return answer


@router.post("/models/{note_type}/demote")
def demote_production(
    note_type: NoteType,
    services: ServicesDep,
    principal: CanPromote,
    body: ChangeRequest | None = None,
) -> ProductionAnswer:
    """The prompt serves."""
    reason = (body or ChangeRequest()).reason
    with services.database.transaction(principal.tenant) as session:
        require_note_type(session, note_type)
        answer = demote(
            session,
            tenant=principal.tenant,
            note_type=note_type,
            reason=reason,
            actor=principal.actor,
        )
        _write_down(services, session, principal, "model.demote", answer)
    return answer


@router.post("/models/{note_type}/versions/{version}/withdraw")
def withdraw_version(
    note_type: NoteType,
    version: Number,
    body: WithdrawRequest,
    services: ServicesDep,
    principal: CanPromote,
) -> ProductionAnswer:
    """Take a version out for good; its summaries say so, and with `redo` are made again.

    It stops serving before anything is made again. Asked once more with `redo`, what is not yet
    being made again is.
    """
    name = f"models:/{note_type}/{version}"
    with services.database.transaction(principal.tenant) as session:
        require_note_type(session, note_type)
        answer = withdraw(
            session,
            tenant=principal.tenant,
            note_type=note_type,
            version=version,
            reason=body.reason,
            actor=principal.actor,
            again=body.redo,
        )
        services.audit(
            session,
            principal,
            "model.withdraw",
            name,
            serves=answer.version,
            summaries=answer.summaries_withdrawn,
        )
    if body.redo:
        with services.tenant(principal) as (session, vault):
            batch = redo_summaries(session, vault, name)
            if batch is not None:
                answer.redo_batch = public_id("batch", batch)
                services.audit(session, principal, "batch.create", answer.redo_batch, redo_of=name)
    return answer


def _with_card(session: Session, note_type: str, number: int) -> ModelVersionAnswer:
    require_note_type(session, note_type)
    version = find_version(session, note_type, number)
    [answer] = describe_versions(session, [version])
    answer.card = read_card(session, version, answer)
    return answer


def _write_down(  # noqa: PLR0913 - what is written down
    services: Services,
    session: Session,
    principal: Principal,
    action: str,
    answer: ProductionAnswer,
    gate: str | None = None,
) -> None:
    """Whatever served before and serves from now on; the history has the reason."""
    names = [name for name in (answer.version, answer.before) if name is not None]
    services.audit(
        session,
        principal,
        action,
        *names,
        note_type=answer.note_type,
        serves=answer.version,
        gate=gate,
    )
