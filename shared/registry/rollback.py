"""Go back to what served before. Every line of the history is a state; a rollback is an old one.

    promote 1 · promote 2 · rollback (→ promote 1) · rollback (→ the beginning: the prompt)

What was withdrawn since is passed over, and so is what would change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.registry.change import change_production, lock_production
from shared.registry.queries import may_serve
from shared.schemas.registry import ProductionAnswer
from shared.tables import ModelVersion, Production, Promotion


@dataclass(frozen=True, slots=True)
class Earlier:
    """What served before: at the line `promotion` (None: the beginning), by `version`."""

    promotion: Promotion | None
    version: ModelVersion | None
    """None: the prompt."""


def roll_back(
    session: Session, *, tenant: UUID, note_type: str, reason: str, actor: str
) -> ProductionAnswer:
    """Needs a transaction of the tenant. Raises Conflict when nothing else served before."""
    production = lock_production(session, tenant, note_type)
    earlier = find_earlier(session, production)
    if earlier is None:
        raise Conflict(
            "Nothing else served this note type before.",
            code="nothing_to_roll_back_to",
            how_to_fix="`epicrisis models history` shows what did.",
        )
    return change_production(
        session,
        production,
        "rollback",
        earlier.version,
        reason=reason,
        actor=actor,
        before=earlier.promotion,
    )


def find_earlier(session: Session, production: Production) -> Earlier | None:
    """What served before what serves now, and may serve again; None when nothing else did."""
    lines = session.scalars(
        select(Promotion).where(Promotion.note_type == production.note_type).order_by(Promotion.id)
    ).all()
    versions = _usable(session, lines)
    state = _state(lines, len(lines) - 1)
    while state is not None:
        state = _state(lines, state - 1)
        line = None if state is None else lines[state]
        wanted = None if line is None else line.version_id
        if wanted != production.version_id and (wanted is None or wanted in versions):
            return Earlier(line, None if wanted is None else versions[wanted])
    return None


def _state(lines: Sequence[Promotion], index: int) -> int | None:
    """The place of the state that held after line `index`; None: the beginning."""
    if index < 0:
        return None
    if lines[index].action != "rollback":
        return index
    before = lines[index].before_id
    return next((place for place, line in enumerate(lines) if line.id == before), None)


def _usable(session: Session, lines: Sequence[Promotion]) -> Mapping[UUID, ModelVersion]:
    wanted = {line.version_id for line in lines if line.version_id is not None}
    found = session.scalars(select(ModelVersion).where(ModelVersion.id.in_(wanted), may_serve()))
    return {version.id: version for version in found}
