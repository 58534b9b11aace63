"""A Postgres of the benchmark's own that flushes to disk, as `epicrisis up` runs it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from migrations.provision import ROLES, provision
from services.local.accounts import choose_account
from services.local.binaries import find_postgres
from services.local.children import Child, stop_all
from services.local.ports import free_port
from services.local.postgres import Postgres, create_data
from services.local.servers import role_urls
from shared.access.tenants import create_tenant
from shared.database import Database, connect
from shared.master_keys import MasterKeys
from shared.vault import Vault
from tests.fixtures.processes import wait_until


@contextmanager
def databases(home: Path) -> Iterator[tuple[Database, Database, Vault, UUID]]:
    """(api, worker, vault, tenant) on a Postgres under `home`, with one tenant in it."""
    programs, password = find_postgres(), os.urandom(16).hex()
    account = choose_account(home, [programs.server])
    create_data(programs, home / "postgres", account, password)
    server = Postgres(programs, home / "postgres", account, free_port(), password)
    passwords = {role: os.urandom(16).hex() for role in ROLES}
    child = Child(server.program(), home / "postgres.log")
    try:
        wait_until(server.answers, seconds=30)
        server.create_database("epicrisis")
        url = server.url("epicrisis")
        provision(url, passwords)
        urls = role_urls(url, passwords)
        api, worker, owner = (
            Database(connect(urls[role])) for role in ("api", "worker", "migrator")
        )
        vault = Vault(MasterKeys([os.urandom(32)]))
        with owner.transaction() as session:
            tenant = create_tenant(session, vault, "ward-1").id
        yield api, worker, vault, tenant
    finally:
        stop_all([child], patience=10)
