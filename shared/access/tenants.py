"""Tenants and their data keys."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.access.tenant_keys import find_key, wait_for_rotation
from shared.database import set_for_transaction
from shared.errors import Conflict, Gone, NotFound
from shared.ids import new_id
from shared.master_keys import Wrapped
from shared.tables import AuditKey, DataKey, Tenant
from shared.vault import TenantVault, Vault


def administer(session: Session) -> None:
    """Let this transaction see all tenants and keys; the caller has checked the scope `admin`."""
    set_for_transaction(session, "administration", "on")


def create_tenant(session: Session, vault: Vault, name: str) -> Tenant:
    """A tenant with its own data key. Raises Conflict if the name is taken."""
    tenant_id = new_id()
    set_for_transaction(session, "tenant", str(tenant_id))
    try:
        with session.begin_nested():
            tenant = session.execute(
                insert(Tenant).values(id=tenant_id, name=name).returning(Tenant)
            ).scalar_one()
    except IntegrityError:
        raise Conflict("There is a tenant of this name.", code="name_taken", param="name") from None
    wait_for_rotation(session)
    data_key, audit_key = (vault.new_key(tenant_id, kind) for kind in ("data key", "audit key"))
    session.execute(insert(DataKey).values(_columns(tenant_id, data_key)))
    session.execute(insert(AuditKey).values(_columns(tenant_id, audit_key)))
    return tenant


def find_tenant(session: Session, name: str) -> Tenant:
    """Raises NotFound."""
    tenant = session.scalar(select(Tenant).where(Tenant.name == name))
    if tenant is None:
        raise NotFound(
            "There is no such tenant.", how_to_fix="`epicrisis tenants list` shows them."
        )
    return tenant


def list_tenants(session: Session, *, after: UUID | None, limit: int) -> Sequence[Tenant]:
    """Newest first; `after`: older than this one."""
    query = select(Tenant).order_by(Tenant.id.desc()).limit(limit)
    return session.scalars(query if after is None else query.where(Tenant.id < after)).all()


def suspend_tenant(session: Session, tenant: UUID) -> Tenant:
    """Its keys open nothing and its documents wait. Raises NotFound."""
    statement = (
        update(Tenant)
        .where(Tenant.id == tenant)
        .values(suspended_at=func.coalesce(Tenant.suspended_at, func.now()))
        .returning(Tenant)
    )
    row = session.scalar(statement)
    if row is None:
        raise NotFound("There is no such tenant.")
    return row


def open_vault(session: Session, vault: Vault, tenant: UUID) -> TenantVault:
    """The tenant's vault; needs a transaction of that tenant. Raises Gone after a shred.

    The key's row is read each time, so that a key that was destroyed opens nothing from then on.
    """
    key = find_key(session, vault, tenant, "data key")
    if key is None:
        vault.forget(tenant)
        raise Gone(
            "This tenant's data key was destroyed; its text cannot be read.",
            code="data_key_destroyed",
        )
    return vault.tenant(tenant, key)


def _columns(tenant: UUID, key: Wrapped) -> dict[str, object]:
    return {"tenant_id": tenant, "wrapped": key.wrapped, "wrapped_by": key.wrapped_by}
