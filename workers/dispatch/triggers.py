"""Say that it is time: for runs on their schedule, and for versions of enough new reviews."""

from datetime import UTC, datetime

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
            # As of a tenant whose audit key cannot be opened: the others' triggers go on.
            _log.warning("trigger_failed", trigger=str(one.trigger), error=describe(error))


def _start(database: Database, vault: Vault, due: Due, now: datetime) -> None:
    with database.transaction(due.tenant) as session:
        trigger = lock_due(session, due, now)
        if trigger is None:
            return
        act = start_due(session, trigger, now)
        if act is None:
            return
        actor = public_id("trigger", due.trigger)
        record(session, vault, due.tenant, actor, act.action, [act.object])
    _log.info("trigger_acted", trigger=str(due.trigger), action=act.action)
