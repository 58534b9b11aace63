"""A Postgres that the house is given from outside."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.local.accounts import choose_account
from services.local.binaries import find_postgres
from services.local.children import Child, stop_all
from services.local.ports import free_port
from services.local.postgres import Postgres, create_data
from tests.chaos.house import until


@contextmanager
def outside_postgres() -> Iterator[str]:
    """Its superuser's URL of an empty database. Starts as the embedded one does."""
    programs = find_postgres()
    with tempfile.TemporaryDirectory(prefix="epicrisis-chaos-postgres-") as folder:
        home = Path(folder).resolve()
        account = choose_account(home, [programs.server])
        server = Postgres(programs, home / "postgres", account, free_port(), secrets.token_hex(16))
        create_data(programs, server.data, account, server.password)
        child = Child(server.program(), home / "postgres.log")
        try:
            until(server.answers)
            server.create_database()
            yield server.url()
        finally:
            stop_all([child], patience=10)
