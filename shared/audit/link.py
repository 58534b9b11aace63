"""Chain events: the n-th link of a tenant covers the n-th event and the link before it."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from shared.ids import made_at
from shared.tables import AuditEvent, AuditLink

_INDEXES_ONLY = text(
    "SELECT set_config('enable_' || way, 'off', true) "
    "FROM unnest(ARRAY['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin']) AS way"
)
START = bytes(32)
"""What stands for the link before the first one."""


class Head(NamedTuple):
    """The last link of a tenant's chain."""

    seq: int
    mac: bytes


class Unlinked(NamedTuple):
    """An event that has no place in its tenant's chain yet."""

    id: UUID
    tenant: UUID
    mac: bytes


def use_indexes(session: Session) -> None:
    """Pages go by index until the end of the transaction.

    Without statistics, as after a large import, the planner would scan the whole table for each.
    """
    session.execute(_INDEXES_ONLY)


def find_page_end(session: Session, after: UUID, limit: int) -> UUID | None:
    """The id of the `limit`-th event past `after`; None if there are fewer."""
    query = select(AuditEvent.id).where(AuditEvent.id > after).order_by(AuditEvent.id)
    return session.scalar(query.offset(limit - 1).limit(1))


def find_unlinked(session: Session, after: UUID, until: UUID | None) -> Sequence[Unlinked]:
    """Events of any tenant past `after`, up to and with `until`, that nobody has linked, by id."""
    # A scalar sub-select is answered by the index on event_id, one row of the page at a time; the
    # planner could turn NOT EXISTS into a scan of the whole table.
    linked = select(AuditLink.seq).where(AuditLink.event_id == AuditEvent.id).scalar_subquery()
    query = select(AuditEvent.id, AuditEvent.tenant_id, AuditEvent.mac).where(
        AuditEvent.id > after, linked.is_(None)
    )
    if until is not None:
        query = query.where(AuditEvent.id <= until)
    return [Unlinked(*row) for row in session.execute(query.order_by(AuditEvent.id))]


def find_newest(session: Session) -> datetime:
    """When the newest event that is linked was made, by its id; long ago if there is none."""
    newest = session.scalar(select(AuditLink.event_id).order_by(AuditLink.event_id.desc()).limit(1))
    return made_at(newest) if newest is not None else datetime.fromtimestamp(0, UTC)


def find_head(session: Session, tenant: UUID) -> Head:
    query = (
        select(AuditLink.seq, AuditLink.mac)
        .where(AuditLink.tenant_id == tenant)
        .order_by(AuditLink.seq.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return Head(0, START) if row is None else Head(*row)


def link_events(session: Session, key: bytes, tenant: UUID, events: Iterable[Unlinked]) -> Head:
    """Append events of one tenant to its chain, in this order. Returns the new head.

    Raises IntegrityError if another process appended to the chain at the same time.
    """
    head, at, rows = find_head(session, tenant), datetime.now(UTC), []
    for event in events:
        seq = head.seq + 1
        head = Head(seq, link_mac(key, head.mac, seq, event.id, event.mac, at))
        rows.append(
            {
                "tenant_id": tenant,
                "seq": seq,
                "event_id": event.id,
                "mac": head.mac,
                "linked_at": at,
            }
        )
    session.execute(insert(AuditLink), rows)
    return head


def link_mac(  # noqa: PLR0913 - what a link covers
    key: bytes, previous: bytes, seq: int, event: UUID, event_mac: bytes, linked_at: datetime
) -> bytes:
    """HMAC-SHA-256 over the link before, the event and all columns of this link."""
    # No MAC of an event begins like this: those are of JSON objects.
    covered = (
        b"link",
        previous,
        seq.to_bytes(8, signed=True),
        event.bytes,
        event_mac,
        linked_at.astimezone(UTC).isoformat(timespec="microseconds").encode(),
    )
    return hmac.digest(key, b"".join(covered), hashlib.sha256)
