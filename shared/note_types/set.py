"""A tenant's own version of a note type, or a note type of its own."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.note_types.policy import SHIPPED, policy_of
from shared.note_types.queries import load
from shared.note_types.shipped import NOTE_TYPES, Code, NoteType, canonical_code, index_codes
from shared.prompts.queries import require_prompt
from shared.schemas.note_types import NoteTypeRequest
from shared.tables import TenantNoteType

Member = TypeVar("Member", bound=Hashable)
MAX_NOTE_TYPES = 200
"""What a tenant may say of its own; all of them are read at each submission and micro-batch."""


def set_note_type(session: Session, tenant: UUID, name: str, request: NoteTypeRequest) -> NoteType:
    """Needs a transaction of that tenant.

    Raises Conflict for a code that another one claims, InvalidInput for a prompt that is not there.
    """
    if request.prompt is not None:
        require_prompt(session, request.prompt, param="prompt")
    known = load(session)
    before = known.get(name) or _blank(name)
    others = [one for one in known.values() if one.source == "tenant" and one.name != name]
    length = request.length
    after = NoteType(
        name,
        before.title if request.title is None else request.title,
        _codes(before, request, index_codes(others)),
        before.sentences if length is None else (length.shortest, length.longest),
        before.sections if request.sections is None else _distinct(request.sections),
        before.languages if request.languages is None else _distinct(request.languages),
        request.style or before.style,
        request.prompt if "prompt" in request.model_fields_set else before.prompt,
        before.policy if request.policy is None else policy_of(request.policy),
        "tenant",
    )
    if len(others) >= MAX_NOTE_TYPES:
        raise Conflict(
            f"A tenant may have {MAX_NOTE_TYPES} note types of its own.",
            code="too_many_note_types",
            how_to_fix="Delete one that is not used.",
        )
    _write(session, tenant, after)
    return after


def _codes(
    before: NoteType, request: NoteTypeRequest, claimed: Mapping[Code, str]
) -> tuple[Code, ...]:
    """Those asked for; else those it had, but for what the tenant has given to another since."""
    if request.codes is None:
        return tuple(code for code in before.codes if code not in claimed)
    codes = _distinct(canonical_code(code.system, code.code) for code in request.codes)
    rival = next((claimed[code] for code in codes if code in claimed), None)
    if rival is not None:
        raise Conflict(
            "Another note type of yours has one of these codes.",
            code="code_claimed",
            param="codes",
            how_to_fix=f"Take it from the note type {rival} first.",
        )
    return codes


def _write(session: Session, tenant: UUID, note_type: NoteType) -> None:
    columns = {
        "title": note_type.title,
        "codes": [code._asdict() for code in note_type.codes],
        "sections": list(note_type.sections),
        "shortest": note_type.sentences[0],
        "longest": note_type.sentences[1],
        "languages": list(note_type.languages),
        "style": note_type.style,
        "prompt_version": note_type.prompt,
        "policy": {key: does for key, does in note_type.policy.items() if SHIPPED[key] != does},
    }
    session.execute(
        insert(TenantNoteType)
        .values(tenant_id=tenant, name=note_type.name, **columns)
        .on_conflict_do_update(index_elements=["tenant_id", "name"], set_=columns)
    )


def _blank(name: str) -> NoteType:
    general = NOTE_TYPES["general"]
    no_codes: tuple[Code, ...] = ()
    return NoteType(
        name,
        name.replace("_", " ").capitalize(),
        no_codes,
        general.sentences,
        languages=general.languages,
    )


def _distinct(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(dict.fromkeys(members))
