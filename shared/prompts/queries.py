"""The prompts of a tenant: those of its registry over those that are shipped.

Everything here needs a transaction of the tenant.
"""

import re
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import InvalidInput
from shared.note_types.shipped import NOTE_TYPES, NoteType
from shared.prompts.prompt import Prompt
from shared.prompts.shipped import is_shipped, load_shipped
from shared.registry.kinds import PROMPTS
from shared.registry.queries import in_production, name_of
from shared.schemas.prompts import PromptContent
from shared.tables import PromptProduction, PromptVersion
from shared.vault import TenantVault

_IDENTITY = re.compile(r"prompts:/(?P<note_type>[a-z][a-z0-9_]*)/(?P<version>[1-9][0-9]{0,8})")
GENERAL = "general"


class Prompts:
    """Each read once, however often it is asked for."""

    def __init__(self, session: Session, vault: TenantVault) -> None:
        self._session = session
        self._vault = vault
        self._named: dict[str, Prompt | None] = {}
        self._aliases: Mapping[str, str] | None = None

    def named(self, identity: str) -> Prompt | None:
        """As `prompts:/discharge/1`; None where it is not there, or was withdrawn."""
        if identity not in self._named:
            self._named[identity] = find_prompt(self._session, self._vault, identity)
        return self._named[identity]

    def serving(self, note_type: NoteType) -> Prompt | None:
        """What documents of the note type get that ask for none; None where it is gone."""
        if self._aliases is None:
            self._aliases = _aliases(self._session)
        return self.named(self._aliases.get(note_type.name) or came_with(note_type))


def find_prompt(
    session: Session, vault: TenantVault, identity: str, *, withdrawn: bool = False
) -> Prompt | None:
    """`withdrawn`: also one that may not serve any more, to say what was done with it."""
    row = find_row(session, identity)
    if row is not None:
        if row.status != "ready" and not withdrawn:
            return None
        return open_prompt(vault, row)
    return _shipped(identity)


def open_prompt(vault: TenantVault, row: PromptVersion) -> Prompt:
    content = vault.open(row.content_sealed, row=row.id, field="prompt")
    read = PromptContent.model_validate_json(content)
    return Prompt(row.note_type, row.number, read, row.examples_id)


def find_row(session: Session, identity: str) -> PromptVersion | None:
    match = _IDENTITY.fullmatch(identity)
    if match is None:
        return None
    return session.scalar(
        select(PromptVersion).where(
            PromptVersion.note_type == match["note_type"],
            PromptVersion.number == int(match["version"]),
        )
    )


def require_prompt(session: Session, identity: str, *, param: str) -> None:
    """Raises InvalidInput `unknown_prompt_version` unless a prompt of that name may serve."""
    row = find_row(session, identity)
    if row is None and _shipped(identity) is not None:
        return
    if row is None or row.status != "ready":
        own = session.scalars(select(PromptVersion).where(PROMPTS.may_serve()))
        known = {name_of(one) for one in own} | {load_shipped(one).identity for one in NOTE_TYPES}
        raise InvalidInput(
            "There is no such prompt version, or it was withdrawn.",
            code="unknown_prompt_version",
            param=param,
            how_to_fix=f"Use one of: {', '.join(sorted(known))}.",
        )


def serving_name(session: Session, note_type: NoteType) -> str:
    """The name of what `Prompts.serving` gives."""
    found = in_production(session, PROMPTS, note_type.name)
    return came_with(note_type) if found is None else name_of(found)


def came_with(note_type: NoteType) -> str:
    """Without a decision: the prompt that it names, else the shipped one, else general's."""
    shipped = note_type.name if is_shipped(note_type.name) else GENERAL
    return note_type.prompt or load_shipped(shipped).identity


def _aliases(session: Session) -> Mapping[str, str]:
    rows = session.scalars(
        select(PromptVersion)
        .join(PromptProduction, PromptProduction.version_id == PromptVersion.id)
        .where(PROMPTS.may_serve())
    )
    return {row.note_type: name_of(row) for row in rows}


def _shipped(identity: str) -> Prompt | None:
    match = _IDENTITY.fullmatch(identity)
    if match is None or not is_shipped(match["note_type"]):
        return None
    found = load_shipped(match["note_type"])
    return found if found.identity == identity else None
