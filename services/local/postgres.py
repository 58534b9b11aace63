"""Postgres of this machine: its data folder, how to start it, and whether it answers."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from signal import SIGINT

import psycopg
from psycopg import sql

from services.local.accounts import Account
from services.local.binaries import PostgresPrograms
from services.local.children import Program
from services.local.files import write_private
from services.local.orphans import end_processes_in
from services.local.ports import LOOPBACK
from shared.errors import Misconfigured

SUPERUSER = "postgres"
DATABASE = "epicrisis"
_BUILTIN_LOCALES_SINCE = 17
_INITDB_SYNCFS_SINCE = 17
_RECOVERY_SYNCFS_SINCE = 14

# None of the user's variables: Postgres reads PGDATA, PGPORT and more.
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}

_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A server's log must not carry what was about to be written: patients' data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """One embedded server. It is up once `answers()` is true."""

    programs: PostgresPrograms
    data: Path
    account: Account
    port: int
    password: str
    """The superuser's."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Settings of the server beside or instead of the usual ones."""

    def url(self, database: str = DATABASE, password: str | None = None) -> str:
        """`postgresql://…`; passwords are made of characters that need no quoting."""
        secret = self.password if password is None else password
        return f"postgresql://{SUPERUSER}:{secret}@{LOOPBACK}:{self.port}/{database}"

    def program(self) -> Program:
        options = {"port": str(self.port), **_OPTIONS, **self.options}
        if sys.platform == "linux" and self.programs.major >= _RECOVERY_SYNCFS_SINCE:
            options["recovery_init_sync_method"] = "syncfs"
        settings = [part for item in options.items() for part in ("-c", "=".join(item))]
        return Program(
            name="postgres",
            argv=(str(self.programs.server), "-D", str(self.data), *settings),
            environment=_ENVIRONMENT,
            account=self.account,
            folder="/",
            stop_signal=SIGINT,
            before_start=self._forget_last_process,
        )

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str = DATABASE) -> None:
        """Create the database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, [name]).fetchone() is None:
                create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
                connection.execute(create)

    def _forget_last_process(self) -> None:
        """Wait for the processes of a killed server, then remove the file that names it.

        The number in it may be another process's by now, and Postgres would refuse to start.
        """
        if sys.platform == "linux":
            end_processes_in(self.data, self.programs.server)
            (self.data / "postmaster.pid").unlink(missing_ok=True)


def data_version(data: Path) -> int | None:
    """The major version that wrote the data folder; None if there is no data yet."""
    marker = data / "PG_VERSION"
    return int(marker.read_text()) if marker.exists() else None


def create_data(
    programs: PostgresPrograms, data: Path, account: Account, password: str, *, sync: bool = True
) -> None:
    """Make the data folder of a new server, owned by `account`.

    It gets its name only when complete: a power cut halfway leaves nothing that looks like data.
    Raises Misconfigured with initdb's own words if it fails.
    """
    draft = data.with_name(data.name + ".new")
    password_file = data.with_name(data.name + ".password")
    rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    write_private(password_file, password)
    account.own(draft)
    account.own(password_file)
    try:
        subprocess.run(
            [
                *(programs.initdb, f"--pgdata={draft}", f"--pwfile={password_file}"),
                *(f"--username={SUPERUSER}", "--auth=scram-sha-256"),
                *_locale(programs.major),
                *_sync(programs.major, sync=sync),
            ],
            cwd="/",
            env=_ENVIRONMENT,
            check=True,
            capture_output=True,
            text=True,
            umask=0o077,
            preexec_fn=account.enter,  # one thread only, see children.py
        )
    except subprocess.CalledProcessError as error:
        raise Misconfigured(
            f"Postgres cannot make its data folder: {error.stderr.strip()}"
        ) from None
    finally:
        password_file.unlink()
    draft.rename(data)


def _locale(major: int) -> list[str]:
    if major >= _BUILTIN_LOCALES_SINCE:
        return ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--encoding=UTF8", "--locale=C"]


def _sync(major: int, *, sync: bool) -> list[str]:
    if not sync:
        return ["--no-sync"]
    known = sys.platform == "linux" and major >= _INITDB_SYNCFS_SINCE
    return ["--sync-method=syncfs"] if known else []
