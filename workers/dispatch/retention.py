"""Delete what is past its time."""

from shared.database import Database
from shared.logs import get_logger
from shared.retention.purge import purge_expired
from shared.vault import Vault

_log = get_logger()
_CHUNK = 1_000
"""Documents a transaction: so short that neither a worker nor the bell waits for it."""


def purge(database: Database, vault: Vault) -> bool:
    """Delete some documents of batches past their retention; True when there may be more."""
    with database.transaction() as session:
        deleted = purge_expired(session, vault, limit=_CHUNK)
    if deleted:
        _log.info("purged", documents=deleted)
    return deleted is not None
