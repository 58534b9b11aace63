"""Change what is in production: the alias moves, and the history gains a line."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.registry.kinds import Kind, V
from shared.registry.queries import name_of, names_of
from shared.schemas.registry import Gate, ProductionAnswer
from shared.tables.registry import Alias, HistoryLine


def lock_production(session: Session, kind: Kind[V], tenant: UUID, note_type: str) -> Alias:
    """The alias, which nobody else changes until the transaction ends."""
    aliases = kind.aliases
    session.execute(
        upsert(aliases).values(tenant_id=tenant, note_type=note_type).on_conflict_do_nothing()
    )
    return session.scalars(
        select(aliases)
        .where(aliases.note_type == note_type)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def change_production(  # noqa: PLR0913 - the columns of a line
    session: Session,
    kind: Kind[V],
    production: Alias,
    action: str,
    version: V | None,
    *,
    reason: str,
    actor: str,
    gate: Gate | None = None,
    override: bool = False,
    before: HistoryLine | None = None,
) -> ProductionAnswer:
    """`production` is locked; `before`: the line that a rollback goes back to."""
    names = names_of(session, kind, [production.version_id])
    promotion = session.scalars(
        insert(kind.lines)
        .values(
            tenant_id=production.tenant_id,
            note_type=production.note_type,
            action=action,
            version_id=None if version is None else version.id,
            before_id=None if before is None else before.id,
            reason=reason,
            override=override,
            gate=None if gate is None else gate.model_dump(mode="json"),
            actor=actor,
        )
        .returning(kind.lines.id)
    ).one()
    previous = production.version_id
    production.version_id = None if version is None else version.id
    production.promotion_id = promotion
    session.flush()
    return ProductionAnswer(
        note_type=production.note_type,
        version=None if version is None else name_of(version),
        before=None if previous is None else names[previous],
        gate=gate,
    )


def check_expected(
    session: Session, kind: Kind[V], production: Alias, expected: int | None
) -> None:
    """Raises Conflict when another version is in production than the asker believes; 0: none."""
    if expected is None:
        return
    number = 0
    if production.version_id is not None:
        number = session.get_one(kind.versions, production.version_id).number
    if number != expected:
        now = f"version {number}" if number else "no version"
        raise Conflict(
            f"In production is {now}.",
            code="other_production",
            param="expected_production",
            how_to_fix=f"Look at what changed: `epicrisis {kind.command} history`.",
        )
