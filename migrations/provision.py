"""Make a database ready: the four roles, then every migration.

    python -m migrations.provision

reads an administrator's EPICRISIS_DATABASE_DIRECT_URL (or …_DATABASE_URL) and the roles' passwords
from EPICRISIS_{MIGRATOR,API,WORKER,AUDITOR}_PASSWORD. Safe to repeat.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from shared.config import ProvisionSettings, ServerSettings
from shared.errors import Misconfigured

ROLES = ("migrator", "api", "worker", "auditor")
_GIVE_UP = {
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_user_timeout": "15s",
    "idle_in_transaction_session_timeout": "60s",
}
"""When the server ends a session of the API or a worker, and with it the locks that it holds. A
client that lost its network or stands still says nothing, and the server's own patience, two hours,
would be that of everybody who waits for the same batch."""
_PROVISION_LOCK = 0x65706963
"""Two machines that provision at once take turns."""


def provision(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Create or update the roles `epicrisis_*` and migrate to head.

    `passwords` has one per role of `ROLES`. Raises Misconfigured if the administrator may not
    create a role that bypasses row-level security, as the migrator's has to.
    """
    with _administrator(admin_url) as engine:
        _create_roles(engine, passwords)
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _PROVISION_LOCK})
            connection.execute(text("SET ROLE epicrisis_migrator"))
            connection.commit()
            upgrade(connection)


def create_roles(admin_url: str, passwords: Mapping[str, str]) -> None:
    """The roles alone, for a schema that comes from a backup. Raises Misconfigured likewise."""
    with _administrator(admin_url) as engine:
        _create_roles(engine, passwords)


def _create_roles(engine: Engine, passwords: Mapping[str, str]) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PROVISION_LOCK})
        for role in ROLES:
            _ensure_role(connection, role, passwords[role])
        for name, value in _GIVE_UP.items():
            for role in ("api", "worker"):
                connection.exec_driver_sql(f"ALTER ROLE epicrisis_{role} SET {name} = '{value}'")
        _hand_over_schema(connection)


@contextmanager
def _administrator(admin_url: str) -> Iterator[Engine]:
    engine = create_engine(make_url(admin_url).set(drivername="postgresql+psycopg"))
    try:
        yield engine
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) == "42501":  # insufficient_privilege
            raise Misconfigured(
                "The database URL's role may not create Epicrisis' roles.",
                how_to_fix="Give `epicrisis up` the URL of a superuser, or of a role with "
                "CREATEROLE and BYPASSRLS that owns the database.",
            ) from None
        raise
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _ensure_role(connection: Connection, role: str, password: str) -> None:
    name = f"epicrisis_{role}"
    attributes = "BYPASSRLS" if role == "migrator" else "NOSUPERUSER"
    exists = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    verb = "ALTER" if exists else "CREATE"
    statement = sql.SQL("{verb} ROLE {name} LOGIN {attributes} PASSWORD {password}").format(
        verb=sql.SQL(verb),
        name=sql.Identifier(name),
        attributes=sql.SQL(attributes),
        password=sql.Literal(password),
    )
    connection.exec_driver_sql(statement.as_string().replace("%", "%%"))


def _hand_over_schema(connection: Connection) -> None:
    connection.exec_driver_sql("GRANT epicrisis_migrator TO CURRENT_USER")
    database = connection.scalar(text("SELECT quote_ident(current_database())"))
    readers = "epicrisis_api, epicrisis_worker, epicrisis_auditor"
    for statement in (
        f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO epicrisis_migrator",
        f"GRANT CONNECT ON DATABASE {database} TO {readers}",
        "GRANT USAGE, CREATE ON SCHEMA public TO epicrisis_migrator",
    ):
        connection.exec_driver_sql(statement)


def main() -> None:
    servers, passwords = ServerSettings(), ProvisionSettings()
    url = servers.database_direct_url or servers.database_url
    if url is None:
        raise SystemExit("Set EPICRISIS_DATABASE_URL to an administrator's URL.")
    fields = {role: getattr(passwords, f"{role}_password") for role in ROLES}
    provision(
        url.get_secret_value(), {role: word.get_secret_value() for role, word in fields.items()}
    )


if __name__ == "__main__":
    main()
