"""API keys: `epk_PREFIX_SECRET`. The prefix finds the row, an HMAC of the secret proves it.

The secret has 256 random bits, so a keyed hash is enough and a slow one would only cost latency
(OWASP ASVS 2.10: high-entropy secrets need no password hash).
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.orm import Session

from shared.access.principal import Principal
from shared.database import set_for_transaction
from shared.errors import Conflict, Forbidden, NotFound, Unauthenticated
from shared.ids import new_id
from shared.tables import ApiKey, Client, Tenant

_PARTS = 3


def create_key(
    session: Session,
    tenant: UUID,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    client: UUID | None = None,
) -> tuple[ApiKey, str]:
    """A new key of the tenant, and its text, which is stored nowhere.

    With `client` it is an access token: it opens nothing once the client is revoked.
    """
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    values = {
        "id": new_id(),
        "tenant_id": tenant,
        "prefix": prefix,
        "secret_mac": _mac(prefix, secret),
        "scopes": sorted(set(scopes)),
        "expires_at": expires_at,
        "client_id": client,
    }
    row = session.execute(insert(ApiKey).values(values).returning(ApiKey)).scalar_one()
    return row, f"epk_{prefix}_{secret}"


def authenticate(session: Session, token: str) -> Principal:
    """Who holds `token`. Raises Unauthenticated, always the same, and Forbidden when suspended."""
    parts = token.split("_", 2)
    if len(parts) != _PARTS or parts[0] != "epk":
        raise _bad_key()
    _, prefix, secret = parts
    set_for_transaction(session, "key_prefix", prefix)
    key = session.scalar(
        select(ApiKey).where(
            ApiKey.prefix == prefix,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
        )
    )
    if key is None or not hmac.compare_digest(key.secret_mac, _mac(prefix, secret)):
        raise _bad_key()
    set_for_transaction(session, "tenant", str(key.tenant_id))
    suspended_at, client_revoked_at = session.execute(
        select(Tenant.suspended_at, Client.revoked_at)
        .outerjoin(Client, Client.id == key.client_id)
        .where(Tenant.id == key.tenant_id)
    ).one()
    if client_revoked_at is not None:
        raise _bad_key()
    if suspended_at is not None:
        raise Forbidden(
            "This tenant is suspended.", code="tenant_suspended", how_to_fix="Ask the operator."
        )
    return Principal(key.tenant_id, key.id, frozenset(key.scopes), key.client_id)


def list_keys(session: Session, *, after: UUID | None, limit: int) -> Sequence[Row[ApiKey, Tenant]]:
    """Keys that the transaction may see, with their tenants, newest first; no tokens."""
    query = (
        select(ApiKey, Tenant)
        .join(Tenant)
        .where(ApiKey.client_id.is_(None))
        .order_by(ApiKey.id.desc())
        .limit(limit)
    )
    return session.execute(query if after is None else query.where(ApiKey.id < after)).all()


def rotate_key(session: Session, key: UUID, overlap: timedelta) -> tuple[ApiKey, str]:
    """A new key for the same tenant and scopes; the old one expires after `overlap`.

    The new one lives as long from now as the old one was given. The transaction is the key's
    tenant's afterwards. Raises NotFound, and Conflict for a key that opens nothing any more.
    """
    old = session.scalar(
        select(ApiKey).where(ApiKey.id == key, ApiKey.client_id.is_(None)).with_for_update()
    )
    if old is None:
        raise NotFound("There is no such key.")
    now = session.execute(select(func.now())).scalar_one()
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise Conflict(
            "This key is revoked or expired already.",
            code="key_ended",
            how_to_fix="Make a new one with `epicrisis keys create`.",
        )
    lifetime = old.expires_at - old.created_at if old.expires_at else None
    ends = now + overlap if old.expires_at is None else min(now + overlap, old.expires_at)
    session.execute(update(ApiKey).where(ApiKey.id == key).values(expires_at=ends))
    set_for_transaction(session, "tenant", str(old.tenant_id))
    return create_key(session, old.tenant_id, old.scopes, now + lifetime if lifetime else None)


def revoke_key(session: Session, key: UUID) -> ApiKey:
    """From this commit on the key opens nothing. Raises NotFound."""
    statement = (
        update(ApiKey)
        .where(ApiKey.id == key, ApiKey.client_id.is_(None))
        .values(revoked_at=func.coalesce(ApiKey.revoked_at, func.now()))
        .returning(ApiKey)
    )
    row = session.scalar(statement)
    if row is None:
        raise NotFound("There is no such key.")
    return row


def _bad_key() -> Unauthenticated:
    """A new one each time, since an exception keeps what it passed through."""
    return Unauthenticated(
        "The API key is missing, unknown, expired or revoked.",
        how_to_fix="Send `Authorization: Bearer epk_…`; an administrator makes keys with "
        "`epicrisis keys create`.",
    )


def _mac(prefix: str, secret: str) -> bytes:
    return hmac.new(prefix.encode(), secret.encode(), sha256).digest()
