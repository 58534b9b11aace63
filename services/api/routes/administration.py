"""Tenants and keys."""

from fastapi import APIRouter

from services.api.dependencies import CanAdminister, ServicesDep
from shared.access.keys import create_key, list_keys, revoke_key
from shared.access.tenants import (
    administer,
    create_tenant,
    find_tenant,
    list_tenants,
    suspend_tenant,
)
from shared.database import set_for_transaction
from shared.ids import parse_id, public_id
from shared.schemas.access import KeyAnswer, KeyRequest, TenantAnswer, TenantRequest
from shared.schemas.base import Page
from shared.tables import ApiKey, Tenant

router = APIRouter(tags=["administration"])


@router.post("/tenants", status_code=201)
def new_tenant(body: TenantRequest, services: ServicesDep, _: CanAdminister) -> TenantAnswer:
    with services.database.transaction() as session:
        administer(session)
        return _tenant(create_tenant(session, services.vault, body.name))


@router.get("/tenants")
def tenants(services: ServicesDep, _: CanAdminister) -> Page[TenantAnswer]:
    with services.database.transaction() as session:
        administer(session)
        return Page(data=[_tenant(row) for row in list_tenants(session)])


@router.post("/tenants/{name}/suspend")
def suspend(name: str, services: ServicesDep, _: CanAdminister) -> TenantAnswer:
    """Its keys open nothing and its documents wait."""
    with services.database.transaction() as session:
        administer(session)
        return _tenant(suspend_tenant(session, find_tenant(session, name).id))


@router.post("/keys", status_code=201)
def new_key(body: KeyRequest, services: ServicesDep, principal: CanAdminister) -> KeyAnswer:
    """The answer holds the key itself, this once."""
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        tenant = principal.tenant if body.tenant is None else find_tenant(session, body.tenant).id
        set_for_transaction(session, "tenant", str(tenant))
        row, key = create_key(session, tenant, body.scopes, body.expires_at)
        return _key(row, session.get_one(Tenant, tenant), key)


@router.get("/keys")
def keys(services: ServicesDep, _: CanAdminister) -> Page[KeyAnswer]:
    with services.database.transaction() as session:
        administer(session)
        return Page(data=[_key(row, tenant) for row, tenant in list_keys(session)])


@router.post("/keys/{key_id}/revoke")
def revoke(key_id: str, services: ServicesDep, _: CanAdminister) -> KeyAnswer:
    """From now on it opens nothing."""
    with services.database.transaction() as session:
        administer(session)
        row = revoke_key(session, parse_id("key", key_id))
        return _key(row, session.get_one(Tenant, row.tenant_id))


def _tenant(row: Tenant) -> TenantAnswer:
    return TenantAnswer(
        id=public_id("tenant", row.id),
        name=row.name,
        created_at=row.created_at,
        suspended_at=row.suspended_at,
    )


def _key(row: ApiKey, tenant: Tenant, key: str | None = None) -> KeyAnswer:
    return KeyAnswer(
        id=public_id("key", row.id),
        tenant=tenant.name,
        prefix=row.prefix,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        key=key,
    )
