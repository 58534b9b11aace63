"""Write down who did what: a row with its MAC, in the transaction of the access or change.

The dispatcher chains the rows within a second; chaining them here would queue a tenant behind
itself. IHE BALP (profiles.ihe.net/ITI/BALP) says what is worth a row: reads of patients' data as
well as changes.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shared.access.tenant_keys import find_key, wait_for_rotation
from shared.ids import new_id
from shared.tables import AuditEvent, AuditKey
from shared.vault import Vault

Details = dict[str, str | int | bool | None]
"""No fractions: what the MAC covers has to come back from Postgres as it went."""
EVENT_COLUMNS = tuple(column for column in AuditEvent.__table__.c if column.name != "mac")


def record(  # noqa: PLR0913 - the columns of an event
    session: Session,
    vault: Vault,
    tenant: UUID,
    actor: str,
    action: str,
    objects: Sequence[str],
    details: Details | None = None,
) -> None:
    """Needs a transaction of `tenant`. `objects` and `details` hold ids, names and counts of ours.

    `action` is `noun.verb`: `summary.read`, `batch.create`. The row carries the id of the request
    that is being answered, if one is.
    """
    row = {
        "id": new_id(),
        "tenant_id": tenant,
        "at": datetime.now(UTC),
        "actor": actor,
        "action": action,
        "objects": list(objects),
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "details": details or {},
    }
    key = open_audit_key(session, vault, tenant)
    session.execute(insert(AuditEvent).inline().values(**row, mac=event_mac(key, row)))


def event_mac(key: bytes, row: Mapping[str, object]) -> bytes:
    """HMAC-SHA-256 of the EVENT_COLUMNS of an event, as canonical JSON."""
    return hmac.digest(key, _canonical(row), hashlib.sha256)


def open_audit_key(session: Session, vault: Vault, tenant: UUID) -> bytes:
    """The key of the tenant's audit MACs, made at its first event. Raises Unreadable."""
    key = find_audit_key(session, vault, tenant)
    if key is None:
        wait_for_rotation(session)
        fresh = vault.new_key(tenant, "audit key")
        session.execute(
            upsert(AuditKey)
            .values(tenant_id=tenant, wrapped=fresh.wrapped, wrapped_by=fresh.wrapped_by)
            .on_conflict_do_nothing()
        )
        # Another transaction may have made one meanwhile, and then its key is the tenant's.
        return open_audit_key(session, vault, tenant)
    return key


def find_audit_key(session: Session, vault: Vault, tenant: UUID) -> bytes | None:
    """The same, None where there is none. Raises Unreadable."""
    key = find_key(session, vault, tenant, "audit key")
    return None if key is None else vault.unwrap(tenant, "audit key", key)


def _canonical(row: Mapping[str, object]) -> bytes:
    return json.dumps(dict(row), sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)
