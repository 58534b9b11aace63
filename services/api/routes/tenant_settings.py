"""Settings of a tenant, and the end of its suspension."""

from fastapi import APIRouter

from services.api.dependencies import CanAdminister, ServicesDep
from shared.access.tenant_settings import change_settings, describe_tenant, resume_tenant
from shared.access.tenants import administer, find_tenant
from shared.schemas.access import TenantAnswer
from shared.schemas.retention import TenantSettings

router = APIRouter(tags=["administration"])


@router.patch("/tenants/{name}")
def configure(
    name: str, body: TenantSettings, services: ServicesDep, principal: CanAdminister
) -> TenantAnswer:
    """Members that are given are set; a changed `results_days` holds for ended batches, too."""
    changes = body.model_dump(exclude_unset=True)
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        tenant = find_tenant(session, name)
        answer = describe_tenant(change_settings(session, tenant, changes))
        services.audit(
            session, principal, "tenant.configure", answer.id, affected=tenant.id, **changes
        )
        return answer


@router.post("/tenants/{name}/resume")
def resume(name: str, services: ServicesDep, principal: CanAdminister) -> TenantAnswer:
    """Its keys open again and its documents go on."""
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        tenant = find_tenant(session, name)
        answer = describe_tenant(resume_tenant(session, tenant))
        services.audit(session, principal, "tenant.resume", answer.id, affected=tenant.id)
        return answer
