"""Prompts: versions, trying one, dividing documents among some. Other verbs: `registry.py`."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy.orm import Session

from services.api.dependencies import CanReadModels, CanWritePrompts, ServicesDep
from services.api.routes.paging import Limit
from services.api.routes.registry import NoteType, Number
from services.api.routes.summaries import summarize_now
from shared.documents.explain import explain
from shared.errors import NotFound
from shared.ids import parse_id
from shared.note_types.queries import load
from shared.note_types.shipped import NoteType as KnownType
from shared.prompts.add import add_prompt
from shared.prompts.describe import describe_prompts, describe_version, describe_versions
from shared.prompts.diff import diff
from shared.prompts.split import (
    describe_split,
    find_running,
    newest_split,
    start_split,
    stop_split,
)
from shared.registry.queries import name_of
from shared.schemas.base import Page
from shared.schemas.note_types import NAME_PATTERN
from shared.schemas.prompts import (
    PromptAnswer,
    PromptDiff,
    PromptRequest,
    PromptVersionAnswer,
    SplitAnswer,
    SplitRequest,
    TryAnswer,
    TryRequest,
)
from shared.schemas.registry import ChangeRequest
from shared.schemas.summaries import SummaryAnswer, SummaryRequest
from shared.vault import TenantVault

router = APIRouter(tags=["prompts"])
_WAIT = "wait=30"


@router.get("/prompts")
def prompts(
    services: ServicesDep,
    principal: CanReadModels,
    limit: Limit = 1000,
    after: Annotated[str | None, Query(pattern=NAME_PATTERN)] = None,
) -> Page[PromptAnswer]:
    """Every note type with the prompt that serves it; `after` is a note type."""
    with services.database.transaction(principal.tenant) as session:
        known = describe_prompts(session)
    names = [one.note_type for one in known]
    start = names.index(after) + 1 if after in names else 0
    return Page(data=known[start : start + limit], has_more=start + limit < len(known))


@router.get("/prompts/{note_type}/versions")
def versions(
    note_type: NoteType,
    services: ServicesDep,
    principal: CanReadModels,
    limit: Limit = 100,
    after: Annotated[int | None, Query(ge=1, le=999_999_999)] = None,
) -> Page[PromptVersionAnswer]:
    """Newest first; `after` is a number."""
    with services.tenant(principal) as (session, vault):
        known = _known(session, note_type)
        found = describe_versions(session, vault, known, after=after, limit=limit + 1)
    return Page(data=found[:limit], has_more=len(found) > limit)


@router.post("/prompts/{note_type}/versions", status_code=201)
def add_version(
    note_type: NoteType, body: PromptRequest, services: ServicesDep, principal: CanWritePrompts
) -> PromptVersionAnswer:
    """Add a version; what the newest says already is that one. It serves once it is promoted."""
    with services.tenant(principal) as (session, vault):
        known = _known(session, note_type)
        version = add_prompt(session, vault, known, body, principal.actor)
        services.audit(session, principal, "prompt.add", name_of(version))
        return describe_version(session, vault, known, version.number)


@router.get("/prompts/{note_type}/versions/{version}")
def show_version(
    note_type: NoteType, version: Number, services: ServicesDep, principal: CanReadModels
) -> PromptVersionAnswer:
    with services.tenant(principal) as (session, vault):
        return describe_version(session, vault, _known(session, note_type), version)


@router.get("/prompts/{note_type}/diff")
def show_diff(
    note_type: NoteType,
    services: ServicesDep,
    principal: CanReadModels,
    before: Annotated[int | None, Query(ge=1)] = None,
    after: Annotated[int | None, Query(ge=1)] = None,
) -> PromptDiff:
    """What changed from version `before` to version `after`; else to the newest from the last."""
    with services.tenant(principal) as (session, vault):
        known = _known(session, note_type)
        new = _version(session, vault, known, after)
        old = _version(session, vault, known, new.number - 1 if before is None else before)
    return PromptDiff(before=old.name, after=new.name, changes=diff(old.content, new.content))


@router.post("/prompts/{note_type}/try")
def try_version(  # noqa: PLR0913 - what a request has
    note_type: NoteType,
    body: TryRequest,
    response: Response,
    services: ServicesDep,
    principal: CanWritePrompts,
    prefer: Annotated[str, Header()] = _WAIT,
) -> TryAnswer:
    """Summarize a document with a version, whether it serves or not, and show how it came to be.

    The document is an ordinary one at the highest priority, so that it can be looked at later:
    `GET /v1/summaries/{id}/explain` gives the same prompt, byte by byte. Waits for 30 seconds, or
    as `Prefer: wait=` says; 202 where that was not enough.
    """
    services.require(principal, "summaries:read")
    with services.tenant(principal) as (session, vault):
        version = _version(session, vault, _known(session, note_type), body.version).name
    asked = SummaryRequest(
        text=body.text,
        note_type=note_type,
        language=body.language,
        subject=body.subject,
        prompt_version=version,
        fallback="prompt",
    )
    answer = summarize_now(services, principal, asked, prefer)
    if not isinstance(answer, SummaryAnswer):
        response.status_code = 202 if answer.status in ("queued", "running") else 200
        return TryAnswer(version=version, summary=None, explanation=None, pending=answer)
    with services.tenant(principal) as (session, vault):
        explanation = explain(session, vault, parse_id("sum", answer.id))
        names = explanation.summary_id, explanation.document_id
        services.audit(session, principal, "prompt.try", version, *names)
    return TryAnswer(version=version, summary=answer, explanation=explanation)


@router.get("/prompts/{note_type}/split")
def show_split(note_type: NoteType, services: ServicesDep, principal: CanReadModels) -> SplitAnswer:
    """The split that runs, else the last one, with what its sides made."""
    with services.database.transaction(principal.tenant) as session:
        _known(session, note_type)
        return describe_split(session, newest_split(session, note_type))


@router.post("/prompts/{note_type}/split", status_code=201)
def split(
    note_type: NoteType, body: SplitRequest, services: ServicesDep, principal: CanWritePrompts
) -> SplitAnswer:
    """Divide the documents that no model serves among versions, until it is clear which is better.

    Each text is on the same side whenever it comes. Stops by itself, and promotes nothing.
    """
    services.require(principal, "models:promote")
    with services.database.transaction(principal.tenant) as session:
        _known(session, note_type)
        made = start_split(session, principal.tenant, note_type, body, principal.actor)
        session.refresh(made)
        answer = describe_split(session, made)
        services.audit(session, principal, "prompt.split", answer.id, note_type=note_type)
        return answer


@router.post("/prompts/{note_type}/split/stop")
def end_split(
    note_type: NoteType,
    services: ServicesDep,
    principal: CanWritePrompts,
    body: ChangeRequest | None = None,
) -> SplitAnswer:
    """Stop the split that runs: the prompt in production serves all."""
    with services.database.transaction(principal.tenant) as session:
        _known(session, note_type)
        running = find_running(session, note_type)
        if running is None:
            raise NotFound("No split of this note type runs.")
        stop_split(session, running, (body or ChangeRequest()).reason)
        answer = describe_split(session, running)
        services.audit(session, principal, "prompt.split_stop", answer.id, note_type=note_type)
        return answer


def _known(session: Session, note_type: str) -> KnownType:
    found = load(session).get(note_type)
    if found is None:
        raise NotFound(
            "There is no such note type.", how_to_fix="`epicrisis note-types list` shows them."
        )
    return found


def _version(
    session: Session, vault: TenantVault, note_type: KnownType, number: int | None
) -> PromptVersionAnswer:
    """The one that is asked for, or the newest. Raises NotFound."""
    if number is not None:
        return describe_version(session, vault, note_type, number)
    newest = describe_versions(session, vault, note_type, after=None, limit=1)
    if not newest:
        raise NotFound(
            "There is no prompt of this note type's own yet: general's serves it.",
            how_to_fix=f"Add one: epicrisis prompts add {note_type.name} FILE",
        )
    return newest[0]
