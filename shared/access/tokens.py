"""Access tokens: API keys of five minutes, given for a client's signed assertion."""

import hashlib
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.access.assertions import Assertion, BadAssertion, expiry, parse, verify
from shared.access.keys import create_key
from shared.access.principal import Principal
from shared.database import set_for_transaction
from shared.errors import EpicrisisError, NotFound
from shared.ids import parse_id
from shared.tables import Client, SeenAssertion, Tenant

TOKEN_SECONDS = 300
_KEPT_LONGER = timedelta(minutes=5)
"""The database's clock, by which used assertions are forgotten, may be ahead of the API's."""


class InvalidClient(EpicrisisError):
    """The assertion proves nobody; always the same, whichever check failed."""

    code = "invalid_client"


class InvalidScope(EpicrisisError):
    code = "invalid_scope"


class Token(NamedTuple):
    text: str
    scopes: list[str]
    principal: Principal


def issue_token(
    session: Session, assertion: str, scope: str | None, audiences: Collection[str]
) -> Token:
    """A token for the scopes in `scope` (between blanks; None: all of the client's).

    `audiences`: the addresses of the token endpoint. Raises InvalidClient, and InvalidScope for a
    scope that the client does not hold. The transaction is the client's tenant's afterwards.
    """
    try:
        parsed = parse(assertion)
        client = _find_client(session, parsed)
        jti = verify(parsed, client.jwks["keys"], audiences, time.time())
        _use_once(session, client, jti, expiry(parsed))
    except (BadAssertion, NotFound):
        raise InvalidClient("The client assertion is not valid.") from None
    scopes = sorted(set(scope.split())) if scope is not None else client.scopes
    if not scopes or not set(scopes) <= set(client.scopes):
        raise InvalidScope("The client does not hold such a scope.")
    expires_at = session.execute(select(func.now())).scalar_one() + timedelta(seconds=TOKEN_SECONDS)
    row, text = create_key(session, client.tenant_id, scopes, expires_at, client.id)
    principal = Principal(client.tenant_id, row.id, frozenset(scopes), client.id)
    return Token(text, scopes, principal)


def _find_client(session: Session, assertion: Assertion) -> Client:
    """The one that the assertion names, unless it or its tenant may not any more."""
    client_id = parse_id("client", assertion.issuer)
    set_for_transaction(session, "client", str(client_id))
    client = session.scalar(select(Client).where(Client.id == client_id))
    if client is None or client.revoked_at is not None:
        raise BadAssertion
    set_for_transaction(session, "tenant", str(client.tenant_id))
    tenant = session.get_one(Tenant, client.tenant_id)
    if tenant.suspended_at is not None:
        raise BadAssertion
    return client


def _use_once(session: Session, client: Client, jti: str, expires: float) -> None:
    """A second use, also at the same moment in another process, finds the first."""
    digest = hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest()
    fresh = session.scalar(
        insert(SeenAssertion)
        .values(
            client_id=client.id,
            jti_digest=digest,
            tenant_id=client.tenant_id,
            expires_at=datetime.fromtimestamp(expires, UTC) + _KEPT_LONGER,
        )
        .on_conflict_do_nothing()
        .returning(SeenAssertion.jti_digest)
    )
    if fresh is None:
        raise BadAssertion
