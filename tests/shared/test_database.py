"""Connections: through a transaction pooler, and when the network is silent."""

import os
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import DBAPIError

from services.local.accounts import Account
from shared.database import Database, connect
from shared.tables import Document
from tests.fixtures.ledger import Ledger
from tests.fixtures.pgbouncer import pgbouncer
from tests.fixtures.pooler import pooling

TRANSACTIONS = 1_000
THREADS = 6


def through(port: int, url: str) -> Database:
    pooled = make_url(url).set(host="127.0.0.1", port=port)
    return Database(connect(pooled.render_as_string(hide_password=False)))


@pytest.fixture(params=["pooler", "pgbouncer"])
def port(
    request: pytest.FixtureRequest, ledger: Ledger, servers_home: tuple[Path, Account]
) -> Iterator[int]:
    """Where a pooler with two backends for each role listens."""
    urls = (ledger.urls.api, ledger.urls.worker)
    if request.param == "pooler":
        with pooling(ledger.urls.api) as pooler:
            yield pooler.port
            assert pooler.changes > 0, "the clients had a backend each: nothing was pooled"
    else:
        with pgbouncer(servers_home[0], *urls) as port:
            yield port


@pytest.fixture
def pooled(ledger: Ledger, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """The ledger with a direct URL beside the pooler's, as an operator sets it."""
    monkeypatch.setenv("EPICRISIS_DATABASE_DIRECT_URL", ledger.urls.worker)
    api, worker = through(port, ledger.urls.api), through(port, ledger.urls.worker)
    yield replace(ledger, api=api, worker=worker)
    for database in (api, worker):
        database.engine.dispose()


def one_round(ledger: Ledger, tenants: list[UUID], chance: Random) -> int:
    """Look, submit or work as a random tenant; how many transactions it took at least."""
    tenant = chance.choice(tenants)
    with ledger.api.transaction(tenant) as session:
        seen = set(session.scalars(select(Document.tenant_id)))
    assert seen <= {tenant}
    with ledger.api.transaction() as session:
        assert session.scalars(select(Document.id)).all() == []
    what = chance.random()
    if what < 0.2:
        batch = ledger.submit(*(f"note {n} of {tenant}" for n in range(12)), tenant=tenant)
        assert ledger.batch(batch, tenant).request_counts.total == 12
        return 6
    if what < 0.6:
        claims = ledger.claim(budget=200)
        owners = {claim.tenant for claim in claims}
        for owner in owners:
            own = [claim for claim in claims if claim.tenant == owner]
            assert ledger.complete(*own, words=f"Of {owner}.") == len(own)
        return 3 + len(owners)
    return 2


def test_a_thousand_interleaved_transactions_of_three_tenants(pooled: Ledger) -> None:
    tenants = [pooled.tenant, pooled.new_tenant("ward-2"), pooled.new_tenant("ward-3")]

    def work(seed: int) -> int:
        chance, done = Random(seed), 0
        while done < TRANSACTIONS / THREADS:
            done += one_round(pooled, tenants, chance)
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(work, range(THREADS))) >= TRANSACTIONS
    with psycopg.connect(pooled.urls.admin) as connection:
        rows = connection.execute("SELECT status, count(*) FROM documents GROUP BY 1").fetchall()
    assert dict(rows).get("succeeded", 0) > 0
    assert set(dict(rows)) <= {"succeeded", "queued"}


def test_without_a_direct_url_statements_are_prepared_and_a_pooler_trips(
    ledger: Ledger, port: int
) -> None:
    """So the setting is what makes the difference."""
    database = through(port, ledger.urls.api)

    def ask(_: int) -> None:
        for number in range(40):
            with database.transaction(ledger.tenant) as session:
                session.execute(text("SELECT :number, pg_sleep(0.001)"), {"number": number})

    with pytest.raises(DBAPIError), ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    database.engine.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="others have no such timeout")
def test_both_ends_give_up_a_silent_network_within_a_lease(ledger: Ledger) -> None:
    for database in (ledger.api, ledger.worker):
        with database.transaction() as session:
            driver = session.connection().connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            with socket.socket(fileno=os.dup(driver.fileno())) as ours:
                limit = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert limit == 15_000
            for setting, value in {
                "tcp_user_timeout": "15000",
                "tcp_keepalives_idle": "5",
                "idle_in_transaction_session_timeout": "1min",
            }.items():
                assert session.scalar(text(f"SHOW {setting}")) == value
