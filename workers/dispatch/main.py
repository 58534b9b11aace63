"""The dispatcher: one process beside the database.

    python -m workers.dispatch.main

It relays the outbox to Celery as soon as something commits, and every EPICRISIS_SCAN_SECONDS puts
right what nobody else does. An advisory lock lets any number of them run with one at work.
"""

import signal
import threading
import time

import psycopg
from celery import Celery
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.broker import make_app
from shared.config import AuditSettings, LedgerSettings, ServerSettings
from shared.database import CONNECT_ARGS, Database, connect
from shared.errors import Misconfigured
from shared.logs import configure_logs, describe, get_logger
from shared.outbox import CHANNEL
from shared.vault import Vault
from workers.dispatch.audit import Chainer
from workers.dispatch.reconcile import reconcile, sweep
from workers.dispatch.relay import relay, ring_for_unclaimed
from workers.dispatch.retention import Orphans, purge
from workers.dispatch.splits import stop_decided
from workers.dispatch.triggers import start_runs

_log = get_logger()
_LOCK = 0x6469737061746368
_WAIT_SECONDS = 0.5
"""Between looks at the stop flag, and between tries while database or broker is away."""


def main() -> None:
    configure_logs("dispatcher")
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    database, vault = Database(connect(pool_size=2)), Vault.from_settings()
    app, settings = make_app("epicrisis.dispatch"), LedgerSettings()
    while not stop.is_set():
        try:
            with psycopg.connect(_direct_address(), autocommit=True) as bell:
                serve(bell, database, vault, app, settings, stop)
        except (psycopg.OperationalError, OperationalError, InterfaceError) as error:
            _log.warning("database_unreachable", error=describe(error))
            stop.wait(_WAIT_SECONDS)


def serve(  # noqa: PLR0913 - the parts of a dispatcher
    bell: psycopg.Connection,
    database: Database,
    vault: Vault,
    app: Celery,
    settings: LedgerSettings,
    stop: threading.Event,
) -> None:
    """Dispatch while this connection lives; `bell` carries the lock and the notifications."""
    if not _take_lock(bell, stop):
        return
    bell.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
    _log.info("dispatching")
    chainer = Chainer(database, vault, AuditSettings().audit_anchor)
    orphans = Orphans(database)
    next_scan, pending, unpurged = 0.0, True, False
    while not stop.is_set():
        # A chunk at a time: a large cancelled batch must not keep other tenants' bell from ringing.
        unswept = sweep(database)
        unchained = chainer.step()
        if pending:
            pending = not relay(database, app)
        if time.monotonic() >= next_scan:
            reconcile(database, settings)
            start_runs(database, vault)
            stop_decided(database, vault)
            ring_for_unclaimed(database, app)
            unpurged = True
            next_scan = time.monotonic() + settings.scan_seconds
        unpurged = unpurged and purge(database, vault)
        orphaned = orphans.step()
        wait = 0 if unswept or unchained or unpurged or orphaned else _WAIT_SECONDS
        for _ in bell.notifies(timeout=wait, stop_after=1):
            pending = True


def _take_lock(bell: psycopg.Connection, stop: threading.Event) -> bool:
    while not stop.is_set():
        row = bell.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
        if row is not None and row[0]:
            return True
        stop.wait(_WAIT_SECONDS)
    return False


def _direct_address() -> str:
    settings = ServerSettings()
    url = settings.database_direct_url or settings.database_url
    if url is None:
        raise Misconfigured("No database.", how_to_fix="Set EPICRISIS_DATABASE_URL.")
    return make_conninfo(url.get_secret_value(), **CONNECT_ARGS)


if __name__ == "__main__":
    main()
