"""Destroy a tenant's data key, and with it everything that was sealed under it.

From the commit on no process opens anything of the tenant: the key's row is read each time. What
this cannot reach is a copy of the wrapped key: the dead row until Postgres reclaims it, the
write-ahead log, dumps and backups. Those copies are worth nothing without the master key that
wrapped them, so the shred is complete for them too once the master key has been rotated and every
copy of the old one destroyed. The audit's rows and their key survive.
"""

import hmac

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from shared.database import set_for_transaction
from shared.errors import InvalidInput
from shared.tables import ApiKey, Client, DataKey, IdempotencyKey, Tenant
from shared.vault import Vault


def shred_tenant(session: Session, vault: Vault, tenant: Tenant, confirm: str) -> Tenant:
    """Needs `administer`. Once more does nothing. Raises InvalidInput unless `confirm` is its name.

    The transaction is the tenant's afterwards.
    """
    if not hmac.compare_digest(confirm.encode(), tenant.name.encode()):
        raise InvalidInput(
            "The tenant's name is not confirmed.",
            code="not_confirmed",
            param="confirm",
            how_to_fix="Give the tenant's name again as `confirm`. What is shredded stays lost.",
        )
    set_for_transaction(session, "tenant", str(tenant.id))
    session.execute(delete(DataKey).where(DataKey.tenant_id == tenant.id))
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.tenant_id == tenant.id))
    for table in (ApiKey, Client):
        session.execute(
            update(table)
            .where(table.tenant_id == tenant.id, table.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )
    row = session.execute(
        update(Tenant)
        .where(Tenant.id == tenant.id)
        .values(
            suspended_at=func.coalesce(Tenant.suspended_at, func.now()),
            shredded_at=func.coalesce(Tenant.shredded_at, func.now()),
        )
        .returning(Tenant)
    ).scalar_one()
    vault.forget(tenant.id)
    return row
