"""The registry of models: versions, their cards and files. Its verbs: `registry.py`."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from services.api.dependencies import CanReadModels, ServicesDep
from services.api.routes.paging import Limit
from services.api.routes.registry import NoteType, Number
from shared.registry.card import read_card
from shared.registry.describe import describe_note_types, describe_versions
from shared.registry.export import export_version
from shared.registry.kinds import MODELS
from shared.registry.queries import find_version, list_versions
from shared.registry.require import require_note_type
from shared.schemas.base import Page
from shared.schemas.note_types import NAME_PATTERN
from shared.schemas.registry import (
    ModelAnswer,
    ModelVersionAnswer,
)
from shared.storage import Storage, StorageUnavailable

router = APIRouter(tags=["models"])


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
        require_note_type(session, MODELS, note_type)
        found = list_versions(session, MODELS, note_type, after=after, limit=limit + 1)
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


def _with_card(session: Session, note_type: str, number: int) -> ModelVersionAnswer:
    require_note_type(session, MODELS, note_type)
    version = find_version(session, MODELS, note_type, number)
    [answer] = describe_versions(session, [version])
    answer.card = read_card(session, version, answer)
    return answer
