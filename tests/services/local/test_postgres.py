import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.local.accounts import Account
from services.local.binaries import find_postgres
from services.local.children import Child, Program, stop_all
from services.local.orphans import processes_in
from services.local.ports import free_port
from services.local.postgres import Postgres, create_data, data_version
from shared.errors import Misconfigured
from tests.fixtures.processes import wait_until


@pytest.fixture(scope="module")
def server(servers_home: tuple[Path, Account]) -> Iterator[tuple[Postgres, Child]]:
    home, account = servers_home
    data = home / "postgres-alone"
    create_data(find_postgres(), data, account, "secret", sync=False)
    server = Postgres(find_postgres(), data, account, free_port(), "secret")
    child = Child(server.program(), home / "postgres-alone.log")
    wait_until(server.answers)
    server.create_database()
    yield server, child
    stop_all([child], 10)


def test_only_its_password_opens_it(server: tuple[Postgres, Child]) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server[0].url(password="guessed"))
    with psycopg.connect(server[0].url()) as connection:
        trusted = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'"
        assert connection.execute(trusted).fetchone() == (0,)


def test_it_sorts_by_code_point_and_listens_on_loopback_alone(
    server: tuple[Postgres, Child],
) -> None:
    with psycopg.connect(server[0].url()) as connection:
        assert connection.execute("SELECT 'a' < 'B'").fetchone() == (False,)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)


def test_its_log_holds_nothing_of_a_failed_statement(server: tuple[Postgres, Child]) -> None:
    with psycopg.connect(server[0].url()) as connection:
        connection.execute("CREATE TEMPORARY TABLE one (note text UNIQUE)")
        insert = "INSERT INTO one VALUES (%s)"
        connection.execute(insert, ["Mrs Dalloway"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(insert, ["Mrs Dalloway"])
    log = server[1].log.read_text()
    assert "duplicate key" in log
    assert "Dalloway" not in log
    assert "INSERT" not in log


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells who is a stranger")
def test_a_kill_loses_nothing_and_a_strangers_number_is_no_hindrance(
    server: tuple[Postgres, Child], tmp_path: Path
) -> None:
    postgres, child = server
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: child.ended() is not None)
    # As after a reboot: the number in the file is that of another process by now.
    sleep = Program("sleep", ("/bin/sleep", "600"), {}, postgres.account)
    stranger = Child(sleep, tmp_path / "log")
    lock = postgres.data / "postmaster.pid"
    lock.write_text(lock.read_text().replace(str(child.pid), str(stranger.pid), 1))
    child.start()
    wait_until(postgres.answers)
    stranger.kill()
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    assert child.pid in processes_in(postgres.data, postgres.programs.server)


def test_data_of_an_older_version_wants_its_own_server(
    servers_home: tuple[Path, Account], tmp_path: Path
) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(Misconfigured, match="PostgreSQL 9"):
        find_postgres(data_version(tmp_path))
    _, account = servers_home
    missing = tmp_path / "no" / "such" / "folder"
    with pytest.raises(FileNotFoundError):
        create_data(find_postgres(), missing, account, "secret")


def test_an_older_server_of_this_machine_serves_too(servers_home: tuple[Path, Account]) -> None:
    home, account = servers_home
    try:
        programs = find_postgres(major=15)
    except Misconfigured:
        pytest.skip("no PostgreSQL 15 on this machine")
    data = home / "postgres-15"
    create_data(programs, data, account, "secret", sync=False)
    server = Postgres(programs, data, account, free_port(), "secret")
    child = Child(server.program(), home / "postgres-15.log")
    wait_until(server.answers)
    stop_all([child], 10)
    assert child.ended() == 0
