"""A tenant's wrapped keys, as they lie in the database while master keys change."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.master_keys import Unreadable, Wrapped
from shared.tables import AuditKey, DataKey
from shared.vault import Purpose, Vault

ROTATION_LOCK = 0x7661756C74
KEY_TABLES: dict[Purpose, type[DataKey] | type[AuditKey]] = {
    "data key": DataKey,
    "audit key": AuditKey,
}


def find_key(session: Session, vault: Vault, tenant: UUID, purpose: Purpose) -> Wrapped | None:
    """The key, seen to open; None if there is none. Needs a transaction of the tenant.

    Raises Unreadable.
    """
    key = _read(session, tenant, purpose)
    if key is None:
        return None
    try:
        vault.unwrap(tenant, purpose, key)
    except Unreadable:
        # Wrapped anew since it was read, and the old master key removed.
        again = _read(session, tenant, purpose)
        if again == key:
            raise
        return again
    return key


def wait_for_rotation(session: Session) -> None:
    """To be called before a new key is wrapped, in the transaction that stores it."""
    session.execute(select(func.pg_advisory_xact_lock_shared(ROTATION_LOCK)))


def _read(session: Session, tenant: UUID, purpose: Purpose) -> Wrapped | None:
    table = KEY_TABLES[purpose]
    query = select(table.wrapped, table.wrapped_by).where(table.tenant_id == tenant)
    row = session.execute(query).one_or_none()
    return None if row is None else Wrapped(row.wrapped, row.wrapped_by)
