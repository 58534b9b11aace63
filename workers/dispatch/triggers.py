"""Start the training runs whose time has come, or for which there are enough new reviews."""

from datetime import UTC, datetime

from shared.access.tenants import open_vault
from shared.audit.record import record
from shared.database import Database
from shared.errors import EpicrisisError
from shared.ids import public_id
from shared.logs import describe, get_logger
from shared.training.triggers.due import Due, find_due, lock_due
from shared.training.triggers.start import start_due
from shared.vault import Vault

_log = get_logger()


def start_runs(database: Database, vault: Vault) -> None:
    """One look at every trigger, each in a transaction of its own."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        due = find_due(session, now)
    for one in due:
        try:
            _start(database, vault, one, now)
        except EpicrisisError as error:
            # As of a tenant whose key was destroyed: the others' triggers go on.
            _log.warning("trigger_failed", trigger=str(one.trigger), error=describe(error))


def _start(database: Database, vault: Vault, due: Due, now: datetime) -> None:
    with database.transaction(due.tenant) as session:
        trigger = lock_due(session, due, now)
        if trigger is None:
            return
        run = start_due(session, open_vault(session, vault, due.tenant), trigger, now)
        if run is None:
            return
        actor, objects = public_id("trigger", due.trigger), [public_id("run", run.id)]
        record(session, vault, due.tenant, actor, "training_run.create", objects)
    _log.info("run_started", trigger=str(due.trigger), run=str(run.id))
