import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, text

from shared.audit.record import record
from shared.database import Database
from shared.ids import first_id
from shared.tables import AuditEvent, AuditLink
from tests.fixtures.audit import Audit
from tests.fixtures.processes import wait_until
from workers.dispatch import audit as dispatch
from workers.dispatch.audit import Chainer

WRITERS = 8
EACH = 40


def links(audit: Audit) -> list[tuple[UUID, int, UUID]]:
    query = select(AuditLink.tenant_id, AuditLink.seq, AuditLink.event_id)
    with audit.ledger.owner.transaction() as session:
        rows = session.execute(query.order_by(AuditLink.tenant_id, AuditLink.seq))
        return [(row.tenant_id, row.seq, row.event_id) for row in rows]


def write_slowly(database: Database, audit: Audit, tenant: UUID, seed: int) -> None:
    """Events whose transactions stay open for a while, and some that come to nothing."""
    chance = Random(seed)
    for number in range(EACH):
        with database.transaction(tenant) as session:
            names = [f"doc_{number}"]
            record(session, audit.ledger.vault, tenant, "key_1", "batch.cancel", names)
            time.sleep(chance.random() * 0.05)
            if chance.random() < 0.1:
                session.rollback()


@pytest.mark.parametrize("chainers", [1, 2])
def test_every_event_is_linked_once_while_many_write(audit: Audit, chainers: int) -> None:
    tenants = [audit.ledger.tenant, audit.ledger.new_tenant("ward-2")]
    stop = threading.Event()

    def chain() -> None:
        chainer = Chainer(audit.ledger.worker, audit.ledger.vault, None)
        while not stop.is_set():
            chainer._near.due = 0.0
            chainer.step()

    threads = [
        threading.Thread(target=write_slowly, args=(audit.ledger.api, audit, tenants[n % 2], n))
        for n in range(WRITERS)
    ]
    chaining = [threading.Thread(target=chain) for _ in range(chainers)]
    for thread in (*threads, *chaining):
        thread.start()
    for thread in threads:
        thread.join()
    written = audit.count(AuditEvent)
    wait_until(lambda: audit.count(AuditLink) == written)
    stop.set()
    for thread in chaining:
        thread.join()
    made = links(audit)
    assert WRITERS * EACH * 0.7 < written == len({event for _, _, event in made}) == len(made)
    for (tenant, seq, _), (after, following, _) in pairwise(made):
        assert following == (seq + 1 if after == tenant else 1)
    for tenant in tenants:
        found = audit.verify(tenant)
        assert [each.kind for each in found.findings] == ["anchor_missing"] * (not found.ok)
        assert found.unlinked == 0


def test_an_event_that_commits_late_is_found(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its id is far behind what is linked by then."""
    audit.write(3)
    chainer = audit.chain()
    for age, look in ((timedelta(minutes=5), 0), (timedelta(days=9), 1)):
        late = first_id(datetime.now(UTC) - age)
        with monkeypatch.context() as patched:
            patched.setattr("shared.audit.record.new_id", lambda late=late: late)
            audit.write()
        before = audit.count(AuditLink)
        _step(chainer)
        assert audit.count(AuditLink) == before
        chainer._far[look].due = 0.0
        _step(chainer)
        assert audit.count(AuditLink) == before + 1
    assert (audit.verify().ok, audit.verify().linked) == (True, 5)


def test_a_new_dispatcher_links_what_the_old_one_left(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_PAGE", 2)
    audit.write(3)
    audit.chain()
    audit.write(5, first=3)
    audit.chain()
    assert [seq for _, seq, _ in links(audit)] == list(range(1, 9))
    ids = [event for _, _, event in links(audit)]
    assert ids == sorted(ids)


def test_one_tenant_without_its_key_holds_up_no_other(audit: Audit) -> None:
    other = audit.ledger.new_tenant("ward-2")
    audit.write(2)
    audit.write(2, other)
    with audit.ledger.owner.transaction() as session:
        session.execute(
            text("UPDATE audit_keys SET wrapped = '\\x00' WHERE tenant_id = :tenant"),
            {"tenant": audit.ledger.tenant},
        )
    audit.ledger.vault.forget(audit.ledger.tenant)
    audit.chain()
    assert [(tenant, seq) for tenant, seq, _ in links(audit)] == [(other, 1), (other, 2)]
    assert [each.kind for each in audit.verify().findings][-1] == "key_missing"


def test_a_look_costs_no_scan_of_the_table(audit: Audit) -> None:
    """Though the planner has no statistics of it."""
    audit.write(3)
    audit.chain()
    fill = (
        "INSERT INTO audit_events (id, tenant_id, actor, action, objects, details, mac) "
        "SELECT lpad(to_hex(n), 32, '0')::uuid, :tenant, 'a', 'b', '{}', '{}', '' "
        "FROM generate_series(1, 20000) n"
    )
    link = (
        "INSERT INTO audit_links (tenant_id, seq, event_id, mac) "
        "SELECT tenant_id, 10 + row_number() OVER (), id, '' FROM audit_events WHERE mac = ''"
    )
    with audit.ledger.owner.transaction() as session:
        session.execute(text(fill), {"tenant": audit.ledger.tenant})
        session.execute(text(link))
    before = _rows_read(audit)
    chainer = Chainer(audit.ledger.worker, audit.ledger.vault, None)
    chainer._far = ()
    _step(chainer)
    assert _rows_read(audit) - before < 100


def _step(chainer: Chainer) -> None:
    chainer._near.due = 0.0
    while chainer.step() or not chainer.is_at_rest:
        pass


def _rows_read(audit: Audit) -> int:
    query = (
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables "
        "WHERE relname IN ('audit_events', 'audit_links')"
    )
    for database in (audit.ledger.worker, audit.ledger.owner):
        database.engine.dispose()  # a connection that ends tells what it has read
    time.sleep(0.2)
    with audit.ledger.owner.transaction() as session:
        return int(session.scalar(text(query)) or 0)
