"""Master-key rotation, and the end of a tenant's data key."""

from fastapi import APIRouter

from services.api.dependencies import CanAdminister, ServicesDep
from shared.access.rotate import rewrap_keys
from shared.access.shred import shred_tenant
from shared.access.tenant_settings import describe_tenant
from shared.access.tenants import administer, find_tenant
from shared.ids import public_id
from shared.schemas.access import ShredRequest, TenantAnswer, VaultRotation

router = APIRouter(tags=["vault"])


@router.post("/vault/rotate")
def rotate(services: ServicesDep, principal: CanAdminister) -> VaultRotation:
    """Wrap every tenant's keys under the first master key; what is sealed stays as it is.

    The new master key has to be in the list of every process before: the file of
    EPICRISIS_MASTER_KEY_FILE is read anew, a list in EPICRISIS_MASTER_KEY needs a restart.
    """
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        done = rewrap_keys(session, services.vault)
        services.audit(
            session, principal, "vault.rotate", rewrapped=done.rewrapped, key=done.current_key
        )
    return VaultRotation(
        rewrapped=done.rewrapped,
        current_key=done.current_key,
        keys_in_use=done.keys_in_use,
        unreadable=[public_id("tenant", tenant) for tenant in done.unreadable],
    )


@router.post("/tenants/{name}/shred")
def shred(
    name: str, body: ShredRequest, services: ServicesDep, principal: CanAdminister
) -> TenantAnswer:
    """Destroy the tenant's data key, so that nobody reads anything of it again; end its access.

    Copies of the wrapped key in dumps, backups and the write-ahead log become worthless once the
    master key has been rotated and every copy of the old one destroyed.
    """
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        tenant = find_tenant(session, name)
        answer = describe_tenant(shred_tenant(session, services.vault, tenant, body.confirm))
        named = public_id("tenant", tenant.id)
        services.audit(session, principal, "tenant.shred", named, affected=tenant.id)
    return answer
