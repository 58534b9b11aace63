"""The two servers of one machine: embedded under the home, or those given from outside."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from pydantic import SecretStr
from sqlalchemy import URL, make_url

from services.local.accounts import Account, choose_account
from services.local.binaries import PostgresPrograms, find_postgres, find_valkey
from services.local.credentials import Credentials, master_key_settings, role_passwords
from services.local.ports import free_port
from services.local.postgres import Postgres, create_data, data_version
from services.local.processes import Connections
from services.local.valkey import Valkey
from shared.config import SecretSettings, ServerSettings
from shared.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Servers:
    """What there is to start, and how to reach what will then be there."""

    postgres: Postgres | None
    """None: given from outside."""
    valkey: Valkey | None
    database_url: str
    """The administrator's."""
    direct_url: str | None
    """The same past a transaction pooler, if there is one."""
    redis_url: str

    def connections(self, home: Path, credentials: Credentials) -> Connections:
        """Raises Misconfigured without a master key."""
        master_keys = master_key_environment(master_key_settings(home, credentials))
        passwords = role_passwords(credentials)
        return Connections(
            databases=role_urls(self.database_url, passwords),
            direct_databases=role_urls(self.direct_url, passwords) if self.direct_url else {},
            redis_url=self.redis_url,
            master_keys=master_keys,
        )


def prepare_servers(home: Path, credentials: Credentials, given: ServerSettings) -> Servers:
    """Find programs, an account and ports for what is not given, and make its data folder.

    Raises Misconfigured if a program is missing or nobody can run it.
    """
    programs = None if given.database_url else find_postgres(data_version(home / "postgres"))
    valkey_program = None if given.redis_url else find_valkey()
    needed = [programs.server] if programs else []
    needed += [valkey_program] if valkey_program else []
    account = choose_account(home, needed)
    postgres = _postgres(home, credentials, programs, account) if programs else None
    valkey = None
    if valkey_program:
        password = credentials.valkey_password
        valkey = Valkey(valkey_program, home / "valkey", account, free_port(), password)
    return Servers(
        postgres,
        valkey,
        database_url=postgres.url() if postgres else _text(given.database_url),
        direct_url=None if postgres else _text(given.database_direct_url) or None,
        redis_url=valkey.url if valkey else _text(given.redis_url),
    )


def master_key_environment(settings: SecretSettings) -> dict[str, str]:
    """How a process is told of the master keys: by the path of their file where there is one."""
    if settings.master_key is not None:
        return {"EPICRISIS_MASTER_KEY": settings.master_key.get_secret_value()}
    file = settings.master_key_file
    return {"EPICRISIS_MASTER_KEY_FILE": str(file.absolute())} if file else {}


def database_identity(url: str) -> str:
    """What tells one database from every other, also from a new one in the same place.

    Raises Misconfigured if the server does not answer or does not let this user in.
    """
    query = """
        SELECT system_identifier || '/' || pg_database.oid FROM pg_control_system(), pg_database
        WHERE datname = current_database()
    """
    try:
        with psycopg.connect(_plain(url), connect_timeout=10) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.Error as error:
        raise Misconfigured(f"The database cannot be used: {error}") from None
    return str(row[0]) if row else ""


def role_urls(url: str, passwords: dict[str, str]) -> dict[str, str]:
    """The same database's URL for each role, `epicrisis_ROLE` under its password."""
    base = make_url(url)
    return {
        role: _plain(base.set(username=f"epicrisis_{role}", password=password))
        for role, password in passwords.items()
    }


def _postgres(
    home: Path, credentials: Credentials, programs: PostgresPrograms, account: Account
) -> Postgres:
    data, password = home / "postgres", credentials.postgres_password
    if data_version(data) is None:
        create_data(programs, data, account, password)
    account.own(data)
    return Postgres(programs, data, account, free_port(), password)


def _plain(url: str | URL) -> str:
    """As every Postgres client reads it: without the name of a Python driver."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
