"""Delete what is past its time."""

import time
from uuid import UUID

from sqlalchemy import select

from shared.database import Database
from shared.datasets.orphans import drop_orphans
from shared.logs import get_logger
from shared.retention.purge import purge_expired
from shared.tables import Tenant
from shared.vault import Vault

_log = get_logger()
_CHUNK = 1_000
"""Rows a transaction: so short that neither a worker nor the bell waits for it."""
_ORPHANS_SECONDS = 3600.0


def purge(database: Database, vault: Vault) -> bool:
    """Delete some documents of batches past their retention; True when there may be more."""
    with database.transaction() as session:
        deleted = purge_expired(session, vault, limit=_CHUNK)
    if deleted:
        _log.info("purged", documents=deleted)
    return deleted is not None


class Orphans:
    """Deletes examples that no dataset version holds, tenant by tenant, once an hour."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tenants: list[UUID] = []
        self._due = 0.0

    def step(self) -> bool:
        """Delete some; True when there may be more."""
        if not self._tenants:
            if time.monotonic() < self._due:
                return False
            self._due = time.monotonic() + _ORPHANS_SECONDS
            with self._database.transaction() as session:
                self._tenants = list(session.scalars(select(Tenant.id)))
        if self._tenants:
            with self._database.transaction(self._tenants[-1]) as session:
                deleted = drop_orphans(session, limit=_CHUNK)
            if deleted:
                _log.info("orphans_deleted", examples=deleted)
            if deleted < _CHUNK:
                self._tenants.pop()
        return bool(self._tenants)
