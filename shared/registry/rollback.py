"""Go back to what served before. Every line of the history is a state; a rollback is an old one.

    promote 1 · promote 2 · rollback (→ promote 1) · rollback (→ the beginning: the prompt)

What was withdrawn since is passed over, and so is what would change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.registry.change import change_production, lock_production
from shared.registry.kinds import Kind, V
from shared.schemas.registry import ProductionAnswer
from shared.tables.registry import Alias, HistoryLine


@dataclass(frozen=True, slots=True)
class Earlier(Generic[V]):
    """What served before: at the line `line` (None: the beginning), by `version`."""

    line: HistoryLine | None
    version: V | None
    """None: what serves without a version."""


def roll_back(  # noqa: PLR0913 - which alias, and who changes it
    session: Session, kind: Kind[V], *, tenant: UUID, note_type: str, reason: str, actor: str
) -> ProductionAnswer:
    """Needs a transaction of the tenant. Raises Conflict when nothing else served before."""
    production = lock_production(session, kind, tenant, note_type)
    earlier = find_earlier(session, kind, production)
    if earlier is None:
        raise Conflict(
            "Nothing else served this note type before.",
            code="nothing_to_roll_back_to",
            how_to_fix=f"`epicrisis {kind.command} history` shows what did.",
        )
    return change_production(
        session,
        kind,
        production,
        "rollback",
        earlier.version,
        reason=reason,
        actor=actor,
        before=earlier.line,
    )


def find_earlier(session: Session, kind: Kind[V], production: Alias) -> Earlier[V] | None:
    """What served before what serves now, and may serve again; None when nothing else did."""
    lines = session.scalars(
        select(kind.lines)
        .where(kind.lines.note_type == production.note_type)
        .order_by(kind.lines.id)
    ).all()
    versions = _usable(session, kind, lines)
    state = _state(lines, len(lines) - 1)
    while state is not None:
        state = _state(lines, state - 1)
        line = None if state is None else lines[state]
        wanted = None if line is None else line.version_id
        if wanted != production.version_id and (wanted is None or wanted in versions):
            return Earlier(line, None if wanted is None else versions[wanted])
    return None


def _state(lines: Sequence[HistoryLine], index: int) -> int | None:
    """The place of the state that held after line `index`; None: the beginning."""
    if index < 0:
        return None
    if lines[index].action != "rollback":
        return index
    before = lines[index].before_id
    return next((place for place, line in enumerate(lines) if line.id == before), None)


def _usable(session: Session, kind: Kind[V], lines: Sequence[HistoryLine]) -> Mapping[UUID, V]:
    wanted = {line.version_id for line in lines if line.version_id is not None}
    versions = kind.versions
    found = session.scalars(select(versions).where(versions.id.in_(wanted), kind.may_serve()))
    return {version.id: version for version in found}
