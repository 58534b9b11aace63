"""Idempotency-Key: a client that repeats a submission gets the batch that it has already.

A key is reserved before the body is read, in a transaction of its own, and renewed while it is, so
that a second request meanwhile is told to wait; a request that dies leaves a reservation that soon
runs out. The batch and the key's final row commit together.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.errors import IdempotencyMismatch, RequestInFlight
from shared.tables import IdempotencyKey

RESERVATION = timedelta(seconds=15)
LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key and the request that holds it."""

    key_mac: bytes
    holder: UUID


def reserve(session: Session, tenant: UUID, held: HeldKey) -> None:
    """Hold the key for a request. Raises RequestInFlight while another one holds it."""
    values = {
        "tenant_id": tenant,
        "key_mac": held.key_mac,
        "holder": held.holder,
        "reserved_until": func.now() + RESERVATION,
        "expires_at": func.now() + LIFETIME,
    }
    taken = {name: values[name] for name in ("holder", "reserved_until", "expires_at")}
    statement = (
        insert(IdempotencyKey)
        .values(values)
        .on_conflict_do_update(
            index_elements=["tenant_id", "key_mac"],
            set_=taken,
            where=IdempotencyKey.batch_id.is_(None) & (IdempotencyKey.reserved_until < func.now()),
        )
        .returning(IdempotencyKey.holder)
    )
    known = select(IdempotencyKey.batch_id).where(*_is(tenant, held.key_mac))
    if session.scalar(statement) is None and session.scalar(known) is None:
        raise RequestInFlight(
            "A request with this Idempotency-Key is still being answered.",
            how_to_fix="Repeat it in a few seconds.",
        )


def renew(session: Session, tenant: UUID, held: HeldKey) -> None:
    session.execute(
        update(IdempotencyKey)
        .where(*_is(tenant, held.key_mac), IdempotencyKey.holder == held.holder)
        .values(reserved_until=func.now() + RESERVATION)
    )


def give_up(session: Session, tenant: UUID, held: HeldKey) -> None:
    """Free the key of a request that came to nothing."""
    session.execute(
        delete(IdempotencyKey).where(
            *_is(tenant, held.key_mac),
            IdempotencyKey.holder == held.holder,
            IdempotencyKey.batch_id.is_(None),
        )
    )


def earlier_batch(session: Session, tenant: UUID, held: HeldKey, body_mac: bytes) -> UUID | None:
    """The batch that came of this key before, if one did; locks the key until the end of T1.

    Raises IdempotencyMismatch if it had another body or other parameters, and RequestInFlight if
    this request lost the key to another one.
    """
    row = session.scalar(select(IdempotencyKey).where(*_is(tenant, held.key_mac)).with_for_update())
    if row is None or (row.batch_id is None and row.holder != held.holder):
        raise RequestInFlight(
            "Another request with this Idempotency-Key took over while this body was read.",
            how_to_fix="Repeat it in a few seconds.",
        )
    if row.batch_id is not None and row.body_mac != body_mac:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used with other records or parameters.",
            how_to_fix="Use a new key for a new submission.",
        )
    return row.batch_id


def point_key(session: Session, tenant: UUID, held: HeldKey, body_mac: bytes, batch: UUID) -> None:
    """From this commit on the key answers with `batch`."""
    session.execute(
        update(IdempotencyKey)
        .where(*_is(tenant, held.key_mac))
        .values(batch_id=batch, body_mac=body_mac)
    )


def _is(tenant: UUID, key_mac: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return IdempotencyKey.tenant_id == tenant, IdempotencyKey.key_mac == key_mac
