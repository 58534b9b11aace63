"""The keys of a backup, in a file of their own that is stored elsewhere.

It holds every tenant's keys, wrapped: whoever has backup and keys file still needs the master key.
It says more than that. A shred, the end of an API key, the erasure of a patient must all outlive a
return to an older backup; so the *newest* keys file goes with whatever backup is restored. A tenant
without a key in it is marked shredded and its text stays noise, though the older backup still holds
it; an API key that it calls revoked or gives an end (as a rotation does) opens nothing past that, a
client signs with the public keys that it names, a tenant that it calls suspended stays so; batches
and patients' documents that had been deleted when it was written are deleted again (the audit knows
their ids). Write it to the same place each time: a copy of an old keys file undoes a shred for
whoever also has an old backup and the master key.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.local.files import write_private
from shared.errors import Misconfigured
from shared.ids import parse_id
from shared.master_keys import Unreadable, Wrapped
from shared.retention.erase_documents import erase_documents
from shared.tables import Batch, Document
from shared.vault import Purpose, Vault

_TABLES: dict[Purpose, str] = {"data key": "data_keys", "audit key": "audit_keys"}
_REVOCABLE = ("api_keys", "clients")
# Without access tokens: those end by themselves before a backup could be restored.
_ENDS = "SELECT id, expires_at FROM api_keys WHERE expires_at IS NOT NULL AND client_id IS NULL"
_DELETED = "SELECT objects FROM audit_events WHERE action IN ('batch.delete', 'subject.erase')"


class WrappedKey(BaseModel):
    wrapped: str
    """Hexadecimal."""
    wrapped_by: str | None


class TenantKeys(BaseModel):
    """Without a data key: shredded."""

    shredded_at: datetime | None = None
    suspended_at: datetime | None = None
    keys: dict[Purpose, WrappedKey] = Field(default_factory=dict)


class KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    taken_at: datetime
    tenants: dict[UUID, TenantKeys]
    revoked: dict[str, list[UUID]]
    """By table: those that open nothing any more."""
    ends: dict[UUID, datetime] = Field(default_factory=dict)
    """API keys that expire, or did; a key that was rotated is one of them."""
    client_keys: dict[UUID, dict[str, Any]] = Field(default_factory=dict)
    """By client: its public keys. One that was replaced must not sign again."""
    deleted: list[str]
    """`batch_…`, `doc_…`: what somebody asked to delete, ever."""


def collect_keys(connection: Connection[Any], taken_at: datetime) -> KeyFile:
    """The keys as this transaction sees them."""
    tenants = {
        row[0]: TenantKeys(shredded_at=row[1], suspended_at=row[2])
        for row in connection.execute("SELECT id, shredded_at, suspended_at FROM tenants")
    }
    for purpose, table in _TABLES.items():
        for tenant, wrapped, wrapped_by in connection.execute(
            f"SELECT tenant_id, wrapped, wrapped_by FROM {table}".encode()  # noqa: S608 - ours
        ):
            tenants[tenant].keys[purpose] = WrappedKey(wrapped=wrapped.hex(), wrapped_by=wrapped_by)
    revoked = {
        table: [
            row[0]
            for row in connection.execute(
                f"SELECT id FROM {table} WHERE revoked_at IS NOT NULL".encode()  # noqa: S608 - ours
            )
        ]
        for table in _REVOCABLE
    }
    return KeyFile(
        taken_at=taken_at,
        tenants=tenants,
        revoked=revoked,
        ends=dict(connection.execute(_ENDS).fetchall()),
        client_keys=dict(connection.execute("SELECT id, jwks FROM clients").fetchall()),
        deleted=[name for (names,) in connection.execute(_DELETED) for name in names],
    )


def write_key_file(path: Path, keys: KeyFile) -> None:
    """0600, in place of an earlier one: whole or not at all.

    What the earlier one calls deleted stays so: a restored database's audit knows nothing of what
    was deleted after its backup.
    """
    try:
        earlier = KeyFile.model_validate_json(path.read_text()).deleted
    except (OSError, ValidationError):
        earlier = []
    deleted = list(dict.fromkeys([*earlier, *keys.deleted]))
    write_private(path, keys.model_copy(update={"deleted": deleted}).model_dump_json(indent=1))


def read_key_file(path: Path, vault: Vault, taken_at: datetime) -> KeyFile:
    """The keys for a backup of `taken_at`.

    Raises Misconfigured if the master key does not open them, and for a file that is older than the
    backup: what was shredded and revoked between would not stay so.
    """
    try:
        keys = KeyFile.model_validate_json(path.read_text())
    except (OSError, ValidationError):
        raise Misconfigured(
            f"{path} is no keys file of a backup.",
            how_to_fix="Name with --keys the file that `epicrisis backup` wrote last.",
        ) from None
    if keys.taken_at < taken_at:
        raise Misconfigured(
            "This keys file is older than the backup.",
            how_to_fix="Use the one that was written with the backup, or better the newest.",
        )
    try:
        for tenant, known in keys.tenants.items():
            for purpose, key in known.keys.items():
                vault.unwrap(tenant, purpose, _wrapped(key))
    except Unreadable:
        raise Misconfigured(
            "The master key does not open the tenants' keys of this keys file.",
            how_to_fix="Give the master key that was in use when the file was written.",
        ) from None
    return keys


def restore_keys(connection: Connection[Any], keys: KeyFile) -> None:
    """Give the tenants of a restored database their keys, but for those that were shredded.

    One that is shredded in the database or in the file stays without a data key. What the file says
    has ended is ended.
    """
    for tenant, shredded_at in connection.execute("SELECT id, shredded_at FROM tenants").fetchall():
        known = keys.tenants.get(tenant, TenantKeys())
        shredded = shredded_at is not None or "data key" not in known.keys
        for purpose, key in known.keys.items():
            if purpose != "data key" or not shredded:
                connection.execute(
                    f"INSERT INTO {_TABLES[purpose]} (tenant_id, wrapped, wrapped_by) "  # noqa: S608 - ours
                    "VALUES (%s, %s, %s)".encode(),
                    (tenant, *_wrapped(key)),
                )
        if shredded:
            connection.execute(
                "UPDATE tenants SET shredded_at = coalesce(shredded_at, %s, now()) WHERE id = %s",
                (known.shredded_at, tenant),
            )
    _end_again(connection, keys)


def _end_again(connection: Connection[Any], keys: KeyFile) -> None:
    for table in _REVOCABLE:
        connection.execute(
            f"UPDATE {table} SET revoked_at = coalesce(revoked_at, now()) "  # noqa: S608 - ours
            "WHERE id = ANY(%s)".encode(),
            (keys.revoked.get(table, []),),
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE api_keys SET expires_at = least(expires_at, %s) WHERE id = %s",
            [(end, key) for key, end in keys.ends.items()],
        )
        cursor.executemany(
            "UPDATE clients SET jwks = %s WHERE id = %s",
            [(Jsonb(jwks), client) for client, jwks in keys.client_keys.items()],
        )
        cursor.executemany(
            "UPDATE tenants SET suspended_at = coalesce(suspended_at, %s) WHERE id = %s",
            [(known.suspended_at, tenant) for tenant, known in keys.tenants.items()],
        )


def delete_again(session: Session, keys: KeyFile) -> None:
    """Delete what the file calls deleted. Needs a role that sees every tenant's rows."""
    ids: dict[str, list[UUID]] = {"batch": [], "doc": []}
    for name in keys.deleted:
        kind = name.partition("_")[0]
        ids[kind].append(parse_id(kind, name))
    session.execute(delete(Batch).where(Batch.id.in_(ids["batch"])))
    erase_documents(session, Document.id.in_(ids["doc"]))


def _wrapped(key: WrappedKey) -> Wrapped:
    return Wrapped(bytes.fromhex(key.wrapped), key.wrapped_by)
