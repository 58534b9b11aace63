"""An installation to back up, and an empty place to restore into."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from services.local.backups.place import Place
from services.local.backups.restore import Target
from services.local.servers import role_urls
from shared.database import Database, connect
from shared.storage import Storage
from tests.fixtures.ledger import Ledger
from tests.fixtures.servers import DatabaseUrls, PostgresServer


@pytest.fixture
def elsewhere(postgres_server: PostgresServer) -> Iterator[DatabaseUrls]:
    """An empty database."""
    name, server = f"restored_{secrets.token_hex(4)}", postgres_server.server
    server.create_database(name)
    url = server.url(name)
    yield DatabaseUrls(admin=url, **role_urls(url, postgres_server.passwords))
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def target(elsewhere: DatabaseUrls, postgres_server: PostgresServer, tmp_path: Path) -> Target:
    return Target(
        elsewhere.admin,
        postgres_server.passwords,
        anchor=tmp_path / "restored.anchor",
        artifacts=Storage(str(tmp_path / "restored")),
    )


@pytest.fixture
def place(ledger: Ledger, tmp_path: Path) -> Place:
    anchor, model = tmp_path / "anchor.jsonl", tmp_path / "model"
    anchor.write_text("head\n")
    model.mkdir()
    (model / "config.json").write_text("{}")
    store = Storage(str(tmp_path / "store"))
    store.point("engines/one", store.publish(model).digest)
    return Place(ledger.urls.migrator, anchor, store)


@pytest.fixture
def restored(ledger: Ledger, elsewhere: DatabaseUrls) -> Iterator[Ledger]:
    """The same ledger's operations on the other database, for once it is filled."""
    api, worker, owner = (
        Database(connect(url)) for url in (elsewhere.api, elsewhere.worker, elsewhere.migrator)
    )
    yield replace(ledger, urls=elsewhere, api=api, worker=worker, owner=owner)
    for database in (api, worker, owner):
        database.engine.dispose()
