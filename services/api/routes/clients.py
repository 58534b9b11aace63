"""Clients that prove themselves with a signed assertion instead of an API key."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from services.api.dependencies import CanAdminister, Services, ServicesDep
from services.api.routes.paging import MOST, Limit, page_of
from shared.access.clients import (
    NewClient,
    create_client,
    list_clients,
    replace_keys,
    revoke_client,
)
from shared.access.principal import Principal
from shared.access.tenants import administer, find_tenant
from shared.database import set_for_transaction
from shared.ids import parse_id, public_id
from shared.schemas.access import ClientAnswer, ClientRequest, Jwks
from shared.schemas.base import Page
from shared.tables import Client, Tenant

router = APIRouter(tags=["administration"])


@router.post("/clients", status_code=201)
def new_client(
    body: ClientRequest, services: ServicesDep, principal: CanAdminister
) -> ClientAnswer:
    """Register a client's public keys. A private key, or a URL to fetch keys from, is refused."""
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        tenant = principal.tenant if body.tenant is None else find_tenant(session, body.tenant).id
        set_for_transaction(session, "tenant", str(tenant))
        row = create_client(session, tenant, NewClient(body.name, body.jwks.keys, body.scopes))
        scopes = " ".join(row.scopes)
        return _done(services, session, principal, "client.create", row, scopes=scopes)


@router.get("/clients")
def clients(
    services: ServicesDep, _: CanAdminister, after: str | None = None, limit: Limit = MOST
) -> Page[ClientAnswer]:
    start = parse_id("client", after) if after is not None else None
    with services.database.transaction() as session:
        administer(session)
        rows = list_clients(session, after=start, limit=limit + 1)
        return page_of(rows, limit, lambda row: _describe(*row))


@router.put("/clients/{client_id}/jwks")
def new_jwks(
    client_id: str, body: Jwks, services: ServicesDep, principal: CanAdminister
) -> ClientAnswer:
    """Replace the client's keys. For an overlap send the old key and the new one."""
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        row = replace_keys(session, parse_id("client", client_id), body.keys)
        return _done(services, session, principal, "client.replace_keys", row)


@router.post("/clients/{client_id}/revoke")
def revoke(client_id: str, services: ServicesDep, principal: CanAdminister) -> ClientAnswer:
    """From now on it gets no token, and those that it has open nothing."""
    with services.database.transaction(principal.tenant) as session:
        administer(session)
        row = revoke_client(session, parse_id("client", client_id))
        return _done(services, session, principal, "client.revoke", row)


def _done(
    services: Services,
    session: Session,
    principal: Principal,
    action: str,
    row: Client,
    **details: str,
) -> ClientAnswer:
    """Write it down, and answer with what there is now."""
    names = public_id("client", row.id), public_id("tenant", row.tenant_id)
    services.audit(session, principal, action, *names, affected=row.tenant_id, **details)
    return _describe(row, session.get_one(Tenant, row.tenant_id))


def _describe(row: Client, tenant: Tenant) -> ClientAnswer:
    return ClientAnswer(
        id=public_id("client", row.id),
        tenant=tenant.name,
        name=row.name,
        jwks=Jwks.model_validate(row.jwks),
        scopes=row.scopes,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
