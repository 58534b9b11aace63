"""Tenants and keys."""

from datetime import timedelta

from fastapi import APIRouter

from services.api.dependencies import CanAdminister, ServicesDep
from services.api.routes.paging import MOST, Limit, page_of
from shared.access.keys import create_key, list_keys, revoke_key, rotate_key
from shared.access.tenant_settings import describe_tenant
from shared.access.tenants import (
    administer,
    create_tenant,
    find_tenant,
    list_tenants,
    suspend_tenant,
)
from shared.database import set_for_transaction
from shared.errors import Conflict
from shared.ids import parse_id, public_id
from shared.schemas.access import KeyAnswer, KeyRequest, KeyRotation, TenantAnswer, TenantRequest
from shared.schemas.base import Page
from shared.tables import ApiKey, Tenant

router = APIRouter(tags=["administration"])


@router.post("/tenants", status_code=201)
def new_tenant(
    body: TenantRequest, services: ServicesDep, principal: CanAdminister
) -> TenantAnswer:
    with services.database.transaction() as session:
        administer(session)
        tenant = create_tenant(session, services.vault, body.name)
        name = public_id("tenant", tenant.id)
        services.audit(session, principal, "tenant.create", name, affected=tenant.id)
        return describe_tenant(tenant)


@router.get("/tenants")
def tenants(
    services: ServicesDep, _: CanAdminister, after: str | None = None, limit: Limit = MOST
) -> Page[TenantAnswer]:
    start = parse_id("tenant", after) if after is not None else None
    with services.database.transaction() as session:
        administer(session)
        rows = list_tenants(session, after=start, limit=limit + 1)
        return page_of(rows, limit, describe_tenant)


@router.post("/tenants/{name}/suspend")
def suspend(name: str, services: ServicesDep, principal: CanAdminister) -> TenantAnswer:
    """Its keys open nothing and its documents wait."""
    with services.database.transaction() as session:
        administer(session)
        found = find_tenant(session, name)
        if found.id == principal.tenant:
            raise Conflict(
                "This is the tenant of your own key: nobody could resume it.",
                code="own_tenant",
                how_to_fix="Suspend it with an administrator's key of another tenant.",
            )
        tenant = suspend_tenant(session, found.id)
        named = public_id("tenant", tenant.id)
        services.audit(session, principal, "tenant.suspend", named, affected=tenant.id)
        return describe_tenant(tenant)


@router.post("/keys", status_code=201)
def new_key(body: KeyRequest, services: ServicesDep, principal: CanAdminister) -> KeyAnswer:
    """The answer holds the key itself, this once."""
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        tenant = principal.tenant if body.tenant is None else find_tenant(session, body.tenant).id
        set_for_transaction(session, "tenant", str(tenant))
        row, key = create_key(session, tenant, body.scopes, body.expires_at)
        names = public_id("key", row.id), public_id("tenant", tenant)
        scopes = " ".join(row.scopes)
        services.audit(session, principal, "key.create", *names, affected=tenant, scopes=scopes)
        return _key(row, session.get_one(Tenant, tenant), key)


@router.post("/keys/{key_id}/rotate", status_code=201)
def rotate(
    key_id: str, body: KeyRotation, services: ServicesDep, principal: CanAdminister
) -> KeyAnswer:
    """The same key anew, shown this once; the old one opens nothing after the overlap."""
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        old, overlap = parse_id("key", key_id), timedelta(seconds=body.overlap_seconds)
        row, key = rotate_key(session, old, overlap)
        keys = public_id("key", row.id), public_id("key", old)
        names = *keys, public_id("tenant", row.tenant_id)
        services.audit(session, principal, "key.rotate", *names, affected=row.tenant_id)
        return _key(row, session.get_one(Tenant, row.tenant_id), key)


@router.get("/keys")
def keys(
    services: ServicesDep, _: CanAdminister, after: str | None = None, limit: Limit = MOST
) -> Page[KeyAnswer]:
    start = parse_id("key", after) if after is not None else None
    with services.database.transaction() as session:
        administer(session)
        rows = list_keys(session, after=start, limit=limit + 1)
        return page_of(rows, limit, lambda row: _key(*row))


@router.post("/keys/{key_id}/revoke")
def revoke(key_id: str, services: ServicesDep, principal: CanAdminister) -> KeyAnswer:
    """From now on it opens nothing."""
    with services.database.transaction() as session:
        administer(session)
        row = revoke_key(session, parse_id("key", key_id))
        names = public_id("key", row.id), public_id("tenant", row.tenant_id)
        services.audit(session, principal, "key.revoke", *names, affected=row.tenant_id)
        return _key(row, session.get_one(Tenant, row.tenant_id))


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
