"""Give every audit event its place in its tenant's chain, and keep the heads outside the database.

An id is made before its transaction commits, so a late commit shows up behind what is linked. Three
looks find them all: at the last seconds at every step, at the last minutes now and then, and at
everything when the dispatcher starts and a few times a day. A step is at most a page of each, and
costs one short index scan when nothing has happened.
"""

import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.audit.anchor import append_heads
from shared.audit.link import (
    Head,
    Unlinked,
    find_head,
    find_newest,
    find_page_end,
    find_unlinked,
    link_events,
    use_indexes,
)
from shared.audit.record import open_audit_key
from shared.database import Database, set_for_transaction
from shared.ids import first_id
from shared.logs import describe, get_logger
from shared.master_keys import Unreadable
from shared.tables import Tenant
from shared.vault import Vault

_log = get_logger()
_PAGE = 5_000
_ANCHOR_SECONDS = 5.0
_EVERYTHING = UUID(int=0)


@dataclass
class _Look:
    """One way through the events, in pages: from `margin` before its last beginning to the end."""

    margin: timedelta | None
    """None: from the first event of all."""
    every_seconds: float
    since: datetime
    cursor: UUID | None = None
    """The last event looked at; None between one way and the next."""
    due: float = 0.0

    def start(self) -> UUID | None:
        """Where to go on; None if it is not time yet."""
        if self.cursor is None and time.monotonic() >= self.due:
            self.due = time.monotonic() + self.every_seconds
            now = datetime.now(UTC)
            self.cursor = _EVERYTHING
            if self.margin is not None:
                self.cursor = first_id(min(self.since, now), -self.margin)
            self.since = now
        return self.cursor


class Chainer:
    """Links and anchors; to be made by the one dispatcher that holds the lock."""

    def __init__(self, database: Database, vault: Vault, anchor: Path | None) -> None:
        self._database, self._vault, self._anchor = database, vault, anchor
        self._moved: dict[UUID, Head] = {}
        """Heads that are not anchored yet."""
        self._anchor_due = 0.0
        with database.transaction() as session:
            since = find_newest(session)
            for tenant in session.scalars(select(Tenant.id)):
                if (head := find_head(session, tenant)).seq:
                    self._moved[tenant] = head
        self._near = _Look(timedelta(seconds=10), 0.4, since)
        self._far = (
            _Look(timedelta(minutes=10), 30.0, datetime.now(UTC)),
            _Look(None, 6 * 3600.0, since),
        )

    def step(self) -> bool:
        """Link what is new, anchor what has moved; True if there is more to link at once."""
        for look in (self._near, *self._far):
            if (start := look.start()) is not None:
                look.cursor = self._link_page(start)
        if self._moved and self._anchor is not None and time.monotonic() >= self._anchor_due:
            self._write_anchor(self._anchor)
        return self._near.cursor is not None

    @property
    def is_at_rest(self) -> bool:
        """Whether every look has come to its end."""
        return all(look.cursor is None for look in (self._near, *self._far))

    def _link_page(self, after: UUID) -> UUID | None:
        """Link the unlinked of a page; returns its last event, None at the end."""
        moved: dict[UUID, Head] = {}
        with self._database.transaction() as session:
            use_indexes(session)
            end = find_page_end(session, after, _PAGE)
            by_tenant: dict[UUID, list[Unlinked]] = defaultdict(list)
            for event in find_unlinked(session, after, end):
                by_tenant[event.tenant].append(event)
            # By id, as a second dispatcher would: two that wait for each other would be a deadlock.
            for tenant, events in sorted(by_tenant.items()):
                if (head := self._link(session, tenant, events)) is not None:
                    moved[tenant] = head
        self._moved.update(moved)
        return end

    def _link(self, session: Session, tenant: UUID, events: list[Unlinked]) -> Head | None:
        """One tenant's part, so that what is wrong with it holds up no other."""
        try:
            with session.begin_nested():
                set_for_transaction(session, "tenant", str(tenant))
                key = open_audit_key(session, self._vault, tenant)
                return link_events(session, key, tenant, events)
        except (IntegrityError, OverflowError, Unreadable) as error:
            _log.error("audit_not_linked", tenant=str(tenant), error=describe(error))
            return None

    def _write_anchor(self, path: Path) -> None:
        self._anchor_due = time.monotonic() + _ANCHOR_SECONDS
        try:
            append_heads(path, self._moved, datetime.now(UTC))
        except OSError as error:
            _log.error("audit_not_anchored", error=describe(error))
        else:
            self._moved = {}
