"""Check a tenant's audit: every MAC, the chain without a gap, and the anchors outside.

Streams in pages; memory does not grow with the audit. What is found is local: one changed row is
one or two findings, not one for every row after it.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import KeyedColumnElement

from shared.audit.anchor import Anchor, read_anchors
from shared.audit.link import START, link_mac, use_indexes
from shared.audit.record import EVENT_COLUMNS, event_mac, find_audit_key
from shared.ids import public_id
from shared.master_keys import Unreadable
from shared.schemas.audit import AuditFinding, AuditVerification, FindingKind
from shared.tables import AuditEvent, AuditLink
from shared.vault import Vault

_PAGE = 2_000
_PATIENCE = timedelta(minutes=1)
"""For the dispatcher to link and to anchor."""
_MOST_FINDINGS = 1_000
_EVENTS, _LINKS = AuditEvent.__table__, AuditLink.__table__
_NO_TIME = datetime(1, 1, 2, tzinfo=UTC)


def _time(column: ColumnElement[datetime]) -> ColumnElement[datetime | None]:
    """The column, or NULL for `infinity` and whatever no `datetime` holds."""
    known = column.between(text("'0001-01-03Z'"), text("'9999-12-30Z'"))
    return case((known, column)).label(column.name)


_EVENT = (*(_time(c) if c.name == "at" else c for c in EVENT_COLUMNS), _EVENTS.c.mac)


def verify(session: Session, vault: Vault, tenant: UUID, anchor: Path | None) -> AuditVerification:
    """Needs a transaction of `tenant`. `anchor`: the file of heads, None if none is kept."""
    use_indexes(session)
    # The anchors' end first: every head in front of it was committed before.
    end = anchor.stat().st_size if anchor is not None and anchor.exists() else 0
    anchors = read_anchors(anchor, tenant, end) if anchor is not None and end else iter(())
    try:
        key = find_audit_key(session, vault, tenant)
    except Unreadable:
        key = None
    check = _Check(tenant, key or b"", _Anchors(anchors, kept=anchor is not None))
    for row in _linked(session, tenant):
        check.link(row)
    for row in _unlinked(session, tenant):
        check.unlinked_event(row)
    check.end(has_key=key is not None)
    return check.report


class _Check:
    """Rows in, findings out."""

    def __init__(self, tenant: UUID, key: bytes, anchors: "_Anchors") -> None:
        self.report = AuditVerification(
            ok=True, events=0, linked=0, unlinked=0, anchored_seq=None, findings=[]
        )
        self._tenant, self._key, self._anchors = tenant, key, anchors
        self._expected, self._previous = 1, START
        self._stale_at = datetime.now(UTC) - _PATIENCE
        self._first_stale = 0
        """The lowest `seq` past the last anchor that should have been anchored."""

    def link(self, row: Row[Any]) -> None:
        """The next link by `seq`, with its event."""
        if row.seq != self._expected:
            self._find("link_missing", seq=min(self._expected, row.seq))
        if row.id is None:
            self._find("event_missing", row.event_id, row.seq)
        else:
            self.report.events += 1
            self._check_event(row, row.seq)
            at = row.linked_at or _NO_TIME
            mac = link_mac(self._key, self._previous, row.seq, row.id, row.mac, at)
            if not hmac.compare_digest(mac, row.link_mac):
                self._find("link_changed", row.event_id, row.seq)
        for kind, seq in self._anchors.up_to(row.seq, row.link_mac):
            self._find(kind, seq=seq)
        self.report.linked += 1
        passed = self._anchors.passed
        if passed < row.seq and self._first_stale <= passed and self._is_stale(row.linked_at):
            self._first_stale = row.seq
        self._expected, self._previous = row.seq + 1, row.link_mac

    def unlinked_event(self, row: Row[Any]) -> None:
        self.report.events += 1
        self.report.unlinked += 1
        self._check_event(row, None)
        if self._is_stale(row.at):
            self._find("event_unlinked", row.id)

    def end(self, *, has_key: bool) -> None:
        """After all rows."""
        for kind, seq in self._anchors.rest():
            self._find(kind, seq=seq)
        self.report.anchored_seq = self._anchors.last
        if not has_key and self.report.events:
            self._find("key_missing")
        stale = self._first_stale
        if self._anchors.kept and stale > self._anchors.passed:
            behind = self._anchors.last is not None
            self._find("anchor_behind" if behind else "anchor_missing", seq=stale)

    def _is_stale(self, moment: datetime | None) -> bool:
        return moment is not None and moment < self._stale_at

    def _check_event(self, row: Row[Any], seq: int | None) -> None:
        columns = {column.name: getattr(row, column.name) for column in EVENT_COLUMNS}
        if not hmac.compare_digest(event_mac(self._key, columns), row.mac):
            self._find("event_changed", row.id, seq)

    def _find(self, kind: FindingKind, event: UUID | None = None, seq: int | None = None) -> None:
        self.report.ok = False
        if len(self.report.findings) < _MOST_FINDINGS:
            name = public_id("audit", event) if event else None
            self.report.findings.append(AuditFinding(kind=kind, id=name, seq=seq))


class _Anchors:
    """The anchors of a tenant beside its links, both by rising `seq`."""

    def __init__(self, anchors: Iterator[Anchor], *, kept: bool) -> None:
        self.kept = kept
        self.passed = 0
        """The highest `seq` of an anchor so far."""
        self.last: int | None = None
        self._anchors = anchors
        self._next = next(anchors, None)

    def up_to(self, seq: int, mac: bytes) -> Iterator[tuple[FindingKind, int]]:
        """Compare every anchor that is due by this link."""
        while self._next is not None and self._next.seq <= seq:
            anchor = self._next
            if anchor.seq < self.passed:
                yield "anchor_went_back", anchor.seq
            elif anchor.seq < seq:
                yield "head_lost", anchor.seq
            elif not hmac.compare_digest(anchor.mac, mac):
                yield "anchor_differs", anchor.seq
            self._advance(anchor)

    def rest(self) -> Iterator[tuple[FindingKind, int]]:
        """Those past the last link."""
        while self._next is not None:
            anchor = self._next
            yield ("anchor_went_back" if anchor.seq < self.passed else "head_lost"), anchor.seq
            self._advance(anchor)

    def _advance(self, anchor: Anchor) -> None:
        self.passed, self.last = max(self.passed, anchor.seq), anchor.seq
        self._next = next(self._anchors, None)


def _linked(session: Session, tenant: UUID) -> Iterator[Row[Any]]:
    """Links by `seq` with their events; columns of the event are None where it is gone."""
    query = (
        select(_LINKS.c.seq, _LINKS.c.event_id, _LINKS.c.mac.label("link_mac"), *_EVENT)
        .add_columns(_time(_LINKS.c.linked_at))
        .outerjoin(_EVENTS, _EVENTS.c.id == _LINKS.c.event_id)
        .where(_LINKS.c.tenant_id == tenant)
    )
    return _paged(session, query, _LINKS.c.seq)


def _unlinked(session: Session, tenant: UUID) -> Iterator[Row[Any]]:
    """Events without a link, by id."""
    link = select(_LINKS.c.seq).where(_LINKS.c.event_id == _EVENTS.c.id).scalar_subquery()
    query = select(*_EVENT).where(_EVENTS.c.tenant_id == tenant, link.is_(None))
    return _paged(session, query, _EVENTS.c.id)


def _paged(
    session: Session, query: Select[*tuple[Any, ...]], key: KeyedColumnElement[Any]
) -> Iterator[Row[Any]]:
    """All rows, by `key`; each page is a statement, and so a snapshot, of its own."""
    rows = session.execute(query.order_by(key).limit(_PAGE)).all()
    while rows:
        yield from rows
        if len(rows) < _PAGE:
            return
        further = query.where(key > getattr(rows[-1], key.key))
        rows = session.execute(further.order_by(key).limit(_PAGE)).all()
