"""Answer a wake-up by draining: bases first, since runs wait for them, then runs, one by one."""

from sqlalchemy import select

from shared.config import LedgerSettings
from shared.leases import Lease
from shared.logs import get_logger
from shared.tables import TrainingRun
from shared.training.ledger import FINAL, claim_run, fail_without_base
from workers.presence import Presence
from workers.training.attempt import Parts
from workers.training.folder import folders, remove_folder
from workers.training.import_base import import_bases
from workers.training.supervise import Supervision

_log = get_logger()


class Drain:
    def __init__(self, parts: Parts, presence: Presence, settings: LedgerSettings) -> None:
        self._parts = parts
        self._presence = presence
        self._settings = settings
        self._supervision = Supervision(parts, presence, settings)

    def run(self) -> None:
        """Until nothing waits or the worker is told to stop."""
        self._sweep()
        try:
            while not self._parts.stopping():
                self._import_bases()
                if (lease := self._claim()) is None:
                    return
                self._presence.report("busy")
                self._supervision.run(lease)
        finally:
            self._presence.report("idle")

    def _import_bases(self) -> None:
        parts = self._parts
        import_bases(parts.database, parts.store, self._presence, self._settings, parts.stopping)

    def _claim(self) -> Lease | None:
        place = self._parts.place
        with self._parts.database.transaction() as session:
            if failed := fail_without_base(session):
                _log.warning("runs_without_base", count=failed)
            return claim_run(
                session,
                self._presence.worker,
                host=place.host,
                device=place.kind,
                lease_seconds=self._settings.lease_seconds,
            )

    def _sweep(self) -> None:
        """Remove the checkpoints of runs that were ended while nobody worked on them."""
        left = list(folders(self._parts.home.runs))
        if not left:
            return
        with self._parts.database.transaction() as session:
            alive = session.scalars(
                select(TrainingRun.id).where(
                    TrainingRun.id.in_(left), TrainingRun.status.not_in(FINAL)
                )
            ).all()
        for run in set(left) - set(alive):
            remove_folder(self._parts.home.runs, run)
