"""Note types: what is shipped, and what a tenant says instead or beside it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.api.dependencies import CanAdminister, CanSeeBatches, ServicesDep
from shared.errors import NotFound
from shared.note_types.delete import delete_note_type
from shared.note_types.queries import load
from shared.note_types.set import set_note_type
from shared.note_types.shipped import NoteType
from shared.schemas.base import Page
from shared.schemas.note_types import NAME_PATTERN, Code, Length, NoteTypeAnswer, NoteTypeRequest

router = APIRouter(tags=["note types"])
Name = Annotated[str, Path(pattern=NAME_PATTERN)]


@router.get("/note-types")
def note_types(
    services: ServicesDep,
    principal: CanSeeBatches,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    after: Annotated[str | None, Query(pattern=NAME_PATTERN)] = None,
) -> Page[NoteTypeAnswer]:
    """Those shipped first, then the tenant's own by name; `after` is a name."""
    with services.database.transaction(principal.tenant) as session:
        known = list(load(session).values())
    names = [note_type.name for note_type in known]
    start = names.index(after) + 1 if after in names else 0
    page = known[start : start + limit]
    return Page(data=[_answer(one) for one in page], has_more=start + limit < len(known))


@router.get("/note-types/{name}")
def note_type(name: Name, services: ServicesDep, principal: CanSeeBatches) -> NoteTypeAnswer:
    with services.database.transaction(principal.tenant) as session:
        found = load(session).get(name)
    if found is None:
        raise NotFound(
            "There is no such note type.", how_to_fix="`epicrisis note-types list` shows them."
        )
    return _answer(found)


@router.put("/note-types/{name}")
def set_one(
    name: Name, body: NoteTypeRequest, services: ServicesDep, principal: CanAdminister
) -> NoteTypeAnswer:
    """Say something else about a shipped note type, or make one of your own.

    What the body leaves out stays as it is. Documents that are already queued go by it too.
    """
    with services.database.transaction(principal.tenant) as session:
        after = set_note_type(session, principal.tenant, name, body)
        said = ",".join(sorted(body.model_fields_set))
        services.audit(session, principal, "note_type.set", name, changed=said)
    return _answer(after)


@router.delete("/note-types/{name}", status_code=204)
def delete_one(name: Name, services: ServicesDep, principal: CanAdminister) -> None:
    """A shipped one is as it was shipped again; one of your own is gone."""
    with services.database.transaction(principal.tenant) as session:
        delete_note_type(session, name)
        services.audit(session, principal, "note_type.delete", name)


def _answer(note_type: NoteType) -> NoteTypeAnswer:
    shortest, longest = note_type.sentences
    return NoteTypeAnswer(
        name=note_type.name,
        title=note_type.title,
        codes=[Code(system=code.system, code=code.code) for code in note_type.codes],
        sections=list(note_type.sections),
        length=Length(shortest=shortest, longest=longest),
        languages=list(note_type.languages),
        style=note_type.style,
        prompt=note_type.prompt,
        policy=dict(note_type.policy),
        source=note_type.source,
    )
