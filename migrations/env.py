"""Alembic's entry: migrate the database of the connection or URL that the caller gives."""

from alembic import context
from sqlalchemy import Connection, create_engine, make_url, text

from shared.config import ServerSettings
from shared.tables import Table

LOCK_TIMEOUT = "4s"
"""A migration that cannot get its lock gives up rather than queue all traffic behind itself."""


def _migrate(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    settings = ServerSettings()
    url = settings.database_direct_url or settings.database_url
    if url is None:
        raise SystemExit("Set EPICRISIS_DATABASE_DIRECT_URL or EPICRISIS_DATABASE_URL.")
    address = make_url(url.get_secret_value()).set(drivername="postgresql+psycopg")
    with create_engine(address).connect() as opened:
        _migrate(opened)


_run()
