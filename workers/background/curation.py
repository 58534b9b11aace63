"""Answer a wake-up by draining: claim a dataset version, make it, until none waits."""

import threading
from collections.abc import Callable
from functools import partial

from shared import leases
from shared.config import LedgerSettings
from shared.database import Database
from shared.datasets.ledger import claim_version, fail_version
from shared.errors import Conflict, Gone
from shared.leases import Lease
from shared.logs import describe, get_logger
from shared.master_keys import Unreadable
from shared.tables import DatasetVersion
from shared.vault import Vault
from workers.background.making import LabelsPending, Making, Superseded
from workers.presence import Presence

_log = get_logger()
_PAUSE_SECONDS = 10.0
_EACH_TIME = (
    "It failed each time that it was tried.",
    "Look at the worker's log for what happened, and where.",
)
_LABELS_PAUSE_SECONDS = 30.0
"""Between two looks at whether a version's pseudo-labels are written."""


class Stopped(Exception):
    """The worker was told to stop between two pages."""


class Curation:
    """`first` is what goes before datasets: attachments, for whose documents somebody waits."""

    def __init__(  # noqa: PLR0913 - the parts of a worker
        self,
        database: Database,
        vault: Vault,
        presence: Presence,
        settings: LedgerSettings,
        stopping: threading.Event,
        first: Callable[[], None],
    ) -> None:
        self._database = database
        self._vault = vault
        self._presence = presence
        self._settings = settings
        self._stopping = stopping
        self._first = first

    def run(self) -> None:
        """Until nothing waits or the worker is told to stop."""
        try:
            while not self._stopping.is_set() and (claimed := self._claim()):
                self._presence.report("busy")
                with self._presence.keep(self._renew(claimed)):
                    self._make(claimed)
        finally:
            self._presence.report("idle")

    def _claim(self) -> Lease | None:
        with self._database.transaction() as session:
            lease = self._settings.lease_seconds
            return claim_version(session, self._presence.worker, lease_seconds=lease)

    def _renew(self, claimed: Lease) -> Callable[..., object]:
        seconds = self._settings.lease_seconds
        return partial(leases.renew, table=DatasetVersion, lease=claimed, lease_seconds=seconds)

    def _make(self, claimed: Lease) -> None:
        try:
            Making(self._database, self._vault, claimed, self._between).run()
        except LabelsPending:
            self._release(claimed, pause=_LABELS_PAUSE_SECONDS)
        except Superseded:
            _log.info("version_superseded", version=str(claimed.id))
        except Stopped:
            self._release(claimed)
        except (Conflict, Gone, Unreadable) as error:
            self._fail(claimed, error.error_code, error.detail, error.how_to_fix)
        except Exception as error:  # noqa: BLE001 - whatever a row does, the next version goes on
            _log.error("version_failed", version=str(claimed.id), error=describe(error))
            if claimed.attempts + 1 < self._settings.max_attempts:
                self._release(claimed, pause=_PAUSE_SECONDS, attempt=True)
            else:
                self._fail(claimed, "processing_error", *_EACH_TIME)
        else:
            _log.info("version_ready", version=str(claimed.id))

    def _between(self) -> None:
        if self._stopping.is_set():
            raise Stopped
        self._first()
        self._presence.report("busy")

    def _release(self, claimed: Lease, *, pause: float = 0.0, attempt: bool = False) -> None:
        with self._database.transaction() as session:
            leases.release(session, DatasetVersion, claimed, pause_seconds=pause, attempt=attempt)

    def _fail(self, claimed: Lease, code: str, message: str, how_to_fix: str | None) -> None:
        with self._database.transaction() as session:
            fail_version(session, claimed, code, message, how_to_fix)
