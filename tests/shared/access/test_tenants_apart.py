"""Many tenants over a few pooled connections: what a transaction sees is its own tenant's."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from shared.database import Database, connect
from shared.tables import Document, DocumentContent
from tests.fixtures.ledger import Ledger

TRANSACTIONS, THREADS = 10_000, 6


class Abandoned(Exception):
    """A request that fails halfway, so that its connection goes back after a rollback."""


def test_ten_thousand_interleaved_transactions_do_not_cross(ledger: Ledger) -> None:
    tenants = [ledger.tenant, *(ledger.new_tenant(f"ward-{n}") for n in (2, 3))]
    for size, tenant in enumerate(tenants, start=1):
        ledger.submit(*("note" for _ in range(size)), tenant=tenant)
    expected = {None: 0} | {tenant: size for size, tenant in enumerate(tenants, start=1)}
    pool = Database(connect(ledger.urls.api, pool_size=2))
    query = select(DocumentContent.tenant_id)

    def one(seed: int) -> None:
        tenant, fails = [None, *tenants][seed * 7 // 3 % 4], seed % 10 == 0
        with suppress(Abandoned), pool.transaction(tenant) as session:
            seen = session.scalars(query).all()
            if fails:
                raise Abandoned
        assert seen == [tenant] * expected[tenant]

    def many(worker: int) -> int:
        seeds = range(worker, TRANSACTIONS, THREADS)
        for seed in seeds:
            one(seed)
        return len(seeds)

    with ThreadPoolExecutor(THREADS) as threads:
        done = sum(threads.map(many, range(THREADS)))
    pool.engine.dispose()
    assert done == TRANSACTIONS


@pytest.mark.parametrize("setting", ["", "00000000-0000-0000-0000-000000000000"])
def test_a_setting_that_names_nobody_shows_nothing(ledger: Ledger, setting: str) -> None:
    ledger.submit("note")
    with ledger.api.transaction() as session:
        session.execute(text("SELECT set_config('epicrisis.tenant', :it, true)"), {"it": setting})
        assert session.scalars(select(Document.id)).all() == []


def test_another_tenants_row_is_not_changed_by_name(ledger: Ledger) -> None:
    batch = ledger.submit("note")
    other: UUID = ledger.new_tenant("ward-2")
    with ledger.api.transaction(other) as session:
        statement = update(Document).where(Document.batch_id == batch).values(priority="bulk")
        assert session.execute(statement).rowcount == 0
