"""Work on a claimed run to the end of the claim, and tell the ledger how it ended."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from shared.config import LedgerSettings
from shared.errors import EpicrisisError, ModelUnavailable
from shared.leases import Lease
from shared.logs import describe, get_logger
from shared.master_keys import Unreadable
from shared.storage import StorageUnavailable
from shared.tables import TrainingRun
from shared.training.ledger import fail_run, release_run, renew_run, stop_run
from shared.training.record import Event, record_events
from workers.presence import Presence
from workers.training.attempt import Asked, Attempt, Died, Parts, Stopping, Waiting
from workers.training.folder import StillTraining, remove_folder
from workers.training.register import register
from workers.training.said import Lost

_log = get_logger()
_AGAIN_SECONDS = 10.0
_MEMORY_SECONDS = 60.0


class Supervision:
    """Of one run after the other."""

    def __init__(self, parts: Parts, presence: Presence, settings: LedgerSettings) -> None:
        self._parts = parts
        self._presence = presence
        self._settings = settings

    def run(self, lease: Lease) -> None:
        """Whatever happens, the run is not left in this worker's hands, unless the database is."""
        with self._presence.keep(self._renew(lease)):
            try:
                self._work(lease)
            except Lost:
                _log.info("run_superseded", run=str(lease.id))

    def _work(self, lease: Lease) -> None:
        try:
            attempt = Attempt(self._parts, lease)
            register(self._parts, attempt, lease, attempt.train())
        except Asked:
            self._stop(lease)
        except Stopping:
            self._release(lease)
        except Waiting as waiting:
            self._wait(lease, waiting)
        except Died as died:
            self._lose(lease, died)
        except (StillTraining, StorageUnavailable, ModelUnavailable, OperationalError) as error:
            self._try_again(lease, error)
        except (EpicrisisError, Unreadable) as error:
            self._fail(lease, error.error_code, error.detail, error.how_to_fix)
        except Lost:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a run does, the next one goes on
            self._try_again(lease, error)
        else:
            _log.info("run_succeeded", run=str(lease.id))
            remove_folder(self._parts.home.runs, lease.id)

    def _renew(self, lease: Lease) -> Callable[..., object]:
        return partial(renew_run, lease=lease, lease_seconds=self._settings.lease_seconds)

    def _stop(self, lease: Lease) -> None:
        with self._parts.database.transaction(lease.tenant) as session:
            state = stop_run(session, lease)
            if state is None:
                # Taken back at the last moment.
                release_run(session, lease)
            else:
                record_events(session, lease, [Event("info", state, f"The run was {state}.")])
        if state == "cancelled":
            remove_folder(self._parts.home.runs, lease.id)

    def _release(self, lease: Lease) -> None:
        with self._parts.database.transaction(lease.tenant) as session:
            said = "Its worker was stopped; the run goes on from its last checkpoint."
            if release_run(session, lease):
                record_events(session, lease, [Event("info", "released", said)])

    def _wait(self, lease: Lease, waiting: Waiting) -> None:
        said = (
            f"It waits for the GPU's memory: {waiting.needed / 2**30:.1f} GiB are needed, "
            f"{waiting.free / 2**30:.1f} GiB are free."
        )
        with self._parts.database.transaction(lease.tenant) as session:
            if release_run(session, lease, pause_seconds=_MEMORY_SECONDS):
                record_events(session, lease, [Event("info", "waiting_for_memory", said)])

    def _lose(self, lease: Lease, died: Died) -> None:
        """The process was killed: mostly by a machine that had no memory left."""
        cause = "was killed" if died.status < 0 else f"ended with status {died.status}"
        self._again_or_fail(
            lease,
            "trainer_died",
            f"The process that trains {cause} before it had made a new checkpoint.",
            "Mostly it is memory: use LoRA, a smaller base or token_budget, or a larger machine.",
            pause_seconds=0.0,
        )

    def _try_again(self, lease: Lease, error: Exception) -> None:
        _log.error("run_interrupted", run=str(lease.id), error=describe(error))
        code = error.error_code if isinstance(error, EpicrisisError) else "processing_error"
        said = error.detail if isinstance(error, EpicrisisError) else "It met an unforeseen error."
        self._again_or_fail(
            lease, code, said, "Look at the training worker's log, which says where."
        )

    def _again_or_fail(
        self,
        lease: Lease,
        code: str,
        message: str,
        fix: str,
        pause_seconds: float = _AGAIN_SECONDS,
    ) -> None:
        with self._parts.database.transaction(lease.tenant) as session:
            attempts = session.scalar(
                select(TrainingRun.attempts).where(TrainingRun.id == lease.id)
            )
            if (attempts or 0) + 1 < self._settings.max_attempts:
                if release_run(session, lease, pause_seconds=pause_seconds, attempt=True):
                    record_events(session, lease, [Event("warning", code, message)])
                return
        self._fail(lease, code, message, fix)

    def _fail(self, lease: Lease, code: str, message: str, fix: str | None) -> None:
        with self._parts.database.transaction(lease.tenant) as session:
            if not fail_run(session, lease, code, message, fix):
                return
            record_events(session, lease, [Event("error", code, message)])
        _log.warning("run_failed", run=str(lease.id), code=code)
        remove_folder(self._parts.home.runs, lease.id)
