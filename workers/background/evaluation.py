"""Answer a wake-up by draining: claim an evaluation, take it a step further, until none waits."""

import threading
from collections.abc import Callable
from functools import partial

from shared import leases
from shared.config import LedgerSettings
from shared.database import Database
from shared.errors import Conflict, Gone
from shared.leases import Lease
from shared.logs import describe, get_logger
from shared.master_keys import Unreadable
from shared.tables import Evaluation
from shared.vault import Vault
from workers.background.curation import Stopped
from workers.background.evaluating import Evaluating
from workers.background.making import Superseded
from workers.presence import Presence

_log = get_logger()
_WAIT_SECONDS = 2.0
"""Between two looks at whether the candidates' documents are final."""
_PAUSE_SECONDS = 10.0


class Evaluations:
    """`first` is what goes before evaluations, and for which somebody waits."""

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
            while not self._stopping.is_set() and (lease := self._claim()):
                self._presence.report("busy")
                with self._presence.keep(self._renew(lease)):
                    self._work(lease)
        finally:
            self._presence.report("idle")

    def _claim(self) -> Lease | None:
        seconds = self._settings.lease_seconds
        with self._database.transaction() as session:
            return leases.claim(session, Evaluation, self._presence.worker, lease_seconds=seconds)

    def _renew(self, lease: Lease) -> Callable[..., object]:
        seconds = self._settings.lease_seconds
        return partial(leases.renew, table=Evaluation, lease=lease, lease_seconds=seconds)

    def _work(self, lease: Lease) -> None:
        try:
            ended = Evaluating(self._database, self._vault, lease, self._between).run()
        except Superseded:
            _log.info("evaluation_superseded", evaluation=str(lease.id))
        except Stopped:
            self._release(lease)
        except (Conflict, Gone, Unreadable) as error:
            self._fail(lease, error.error_code, error.detail, error.how_to_fix)
        except Exception as error:  # noqa: BLE001 - whatever a row does, the next evaluation goes on
            _log.error("evaluation_failed", evaluation=str(lease.id), error=describe(error))
            if lease.attempts + 1 < self._settings.max_attempts:
                self._release(lease, pause=_PAUSE_SECONDS, attempt=True)
            else:
                self._fail(lease, "processing_error", "It failed each time that it was tried.")
        else:
            if ended:
                _log.info("evaluation_ready", evaluation=str(lease.id))
            else:
                self._release(lease, pause=_WAIT_SECONDS)

    def _between(self) -> None:
        if self._stopping.is_set():
            raise Stopped
        self._first()
        self._presence.report("busy")

    def _release(self, lease: Lease, *, pause: float = 0.0, attempt: bool = False) -> None:
        with self._database.transaction() as session:
            leases.release(session, Evaluation, lease, pause_seconds=pause, attempt=attempt)

    def _fail(self, lease: Lease, code: str, message: str, fix: str | None = None) -> None:
        with self._database.transaction() as session:
            leases.end(
                session,
                Evaluation,
                lease,
                "failed",
                step=None,
                error_code=code,
                error_message=message,
                error_fix=fix,
            )
