"""Wrap every tenant's keys under the master key that wraps now.

What was sealed stays as it is: only the few bytes of each wrapped key change. Data keys that were
wrapped under an older master key open as long as that one is known, before and after.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select, union, update
from sqlalchemy.orm import Session

from shared.access.tenant_keys import KEY_TABLES, ROTATION_LOCK
from shared.master_keys import Unreadable, Wrapped
from shared.tables import AuditKey, DataKey
from shared.vault import Vault


class Rotation(NamedTuple):
    current_key: str
    """Id of the master key that wraps now."""
    rewrapped: int
    unreadable: list[UUID]
    """Tenants of whom a key opens under no master key that is known; left as they were."""
    keys_in_use: list[str]
    """Ids of all master keys that still wrap something; the others may be removed."""


def rewrap_keys(session: Session, vault: Vault) -> Rotation:
    """Needs `administer`. May run any number of times, also twice at once."""
    # Whoever has read the master keys and is about to store a key wrapped under an old one is
    # waited for; whoever comes later reads them anew.
    session.execute(select(func.pg_advisory_xact_lock(ROTATION_LOCK)))
    current, rewrapped = vault.wrapper.current_key(), 0
    unreadable: list[UUID] = []
    for purpose, table in KEY_TABLES.items():
        rows = session.execute(
            select(table.tenant_id, table.wrapped, table.wrapped_by)
            .where(or_(table.wrapped_by.is_(None), table.wrapped_by != current))
            .order_by(table.tenant_id)
            .with_for_update()
        ).all()
        for tenant, wrapped, wrapped_by in rows:
            try:
                fresh = vault.rewrap(tenant, purpose, Wrapped(wrapped, wrapped_by))
            except Unreadable:
                unreadable.append(tenant)
                continue
            session.execute(
                update(table)
                .where(table.tenant_id == tenant)
                .values(wrapped=fresh.wrapped, wrapped_by=fresh.wrapped_by)
            )
            rewrapped += 1
    return Rotation(current, rewrapped, sorted(set(unreadable)), _keys_in_use(session))


def _keys_in_use(session: Session) -> list[str]:
    """A key without an id may be of any master key: those count as `unknown`."""
    used = union(select(DataKey.wrapped_by), select(AuditKey.wrapped_by))
    return sorted(name or "unknown" for name in session.scalars(used))
