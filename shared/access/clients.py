"""Clients: systems that sign assertions (SMART Backend Services) instead of holding an API key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from shared.access.jwks import check_jwks
from shared.errors import Conflict, InvalidInput, NotFound
from shared.ids import new_id
from shared.tables import Client, Tenant

PublicKeys = Sequence[Mapping[str, object]]


class NewClient(NamedTuple):
    name: str
    keys: PublicKeys
    scopes: Iterable[str]


def create_client(session: Session, tenant: UUID, wanted: NewClient) -> Client:
    """Needs a transaction of `tenant`. Raises InvalidInput for keys or scopes that cannot be."""
    scopes = sorted(set(wanted.scopes))
    if "admin" in scopes:
        raise InvalidInput(
            "A client cannot hold the scope admin, which is the operator's.",
            param="scopes",
            how_to_fix="Make an API key for the operator with `epicrisis keys create`.",
        )
    values = {
        "id": new_id(),
        "tenant_id": tenant,
        "name": wanted.name,
        "jwks": check_jwks(wanted.keys),
        "scopes": scopes,
    }
    return session.execute(insert(Client).values(values).returning(Client)).scalar_one()


def list_clients(
    session: Session, *, after: UUID | None, limit: int
) -> Sequence[Row[Client, Tenant]]:
    """Those that the transaction may see, with their tenants, newest first."""
    query = select(Client, Tenant).join(Tenant).order_by(Client.id.desc()).limit(limit)
    return session.execute(query if after is None else query.where(Client.id < after)).all()


def replace_keys(session: Session, client: UUID, keys: PublicKeys) -> Client:
    """From this commit on it signs with these. Raises NotFound, InvalidInput, Conflict."""
    checked = check_jwks(keys)
    row = _locked(session, client)
    if row.revoked_at is not None:
        raise Conflict("This client is revoked.", code="client_revoked")
    return session.execute(
        update(Client).where(Client.id == client).values(jwks=checked).returning(Client)
    ).scalar_one()


def revoke_client(session: Session, client: UUID) -> Client:
    """From this commit on it gets no token, and those that it has open nothing. Raises NotFound."""
    _locked(session, client)
    return session.execute(
        update(Client)
        .where(Client.id == client)
        .values(revoked_at=func.coalesce(Client.revoked_at, func.now()))
        .returning(Client)
    ).scalar_one()


def _locked(session: Session, client: UUID) -> Client:
    row = session.scalar(select(Client).where(Client.id == client).with_for_update())
    if row is None:
        raise NotFound("There is no such client.")
    return row
