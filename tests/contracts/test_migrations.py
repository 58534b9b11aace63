"""Tables and migrations say the same, and no tenant's table is left open."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from migrations.provision import alembic_config, upgrade
from shared.database import Database, connect
from shared.tables import Table
from tests.fixtures.ledger import Ledger
from tests.fixtures.servers import DatabaseUrls


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = connect(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_tables_are_what_the_migrations_make(urls: DatabaseUrls) -> None:
    with connected(urls.migrator) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Table.metadata) == []


def test_migrations_go_down_and_up_again(urls: DatabaseUrls) -> None:
    with connected(urls.migrator) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        upgrade(connection)


def test_every_table_with_a_tenant_has_forced_row_level_security(urls: DatabaseUrls) -> None:
    with connected(urls.migrator) as connection:
        secured = set(
            connection.scalars(
                text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
            )
        )
    with_tenant = {
        name for name, table in Table.metadata.tables.items() if "tenant_id" in table.columns
    }
    assert with_tenant | {"tenants"} == secured


def test_no_role_of_a_process_can_step_around_it(urls: DatabaseUrls) -> None:
    with connected(urls.admin) as connection:
        rows = connection.execute(
            text(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE 'epicrisis_%' "
                "AND (rolsuper OR rolbypassrls)"
            )
        )
        assert [row.rolname for row in rows] == ["epicrisis_migrator"]
        owners = connection.scalars(
            text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        )
        assert owners.all() == ["epicrisis_migrator"]
        members = connection.scalars(
            text(
                "SELECT member::regrole::text FROM pg_auth_members "
                "WHERE member::regrole::text LIKE 'epicrisis_%'"
            )
        )
        assert members.all() == []


@pytest.mark.parametrize(
    "table", ["batches", "batch_contents", "documents", "document_contents", "summaries", "lanes"]
)
def test_without_a_tenant_the_api_sees_nothing(ledger: Ledger, table: str) -> None:
    other = ledger.new_tenant("ward-2")
    ledger.submit("note", metadata={"a": "b"})
    ledger.complete(*ledger.claim())
    count = text(f"SELECT count(*) FROM {table}")
    for tenant, expected in ((None, 0), (other, 0), (ledger.tenant, 1)):
        with ledger.api.transaction(tenant) as session:
            assert session.scalar(count) == expected


def test_a_worker_without_a_tenant_sees_the_ledger_and_no_content(ledger: Ledger) -> None:
    ledger.submit("note")
    with ledger.worker.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM documents")) == 1
        assert session.scalar(text("SELECT count(*) FROM document_contents")) == 0


def test_the_api_cannot_write_into_another_tenant(ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    ledger.submit("note")
    with ledger.api.transaction(other) as session:
        moved = session.execute(text("UPDATE documents SET note_type = 'visit'"))
        assert moved.rowcount == 0
    forge = text("UPDATE documents SET tenant_id = :other")
    with pytest.raises(ProgrammingError), ledger.api.transaction(ledger.tenant) as session:
        session.execute(forge, {"other": other})


def test_the_auditor_reads_all_and_writes_nothing(ledger: Ledger) -> None:
    ledger.submit("note")
    auditor = Database(connect(ledger.urls.auditor))
    with auditor.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM documents")) == 1
    with pytest.raises(ProgrammingError), auditor.transaction() as session:
        session.execute(text("DELETE FROM documents"))
    auditor.engine.dispose()
