"""The background worker: attachments to text, rows to dataset versions, evaluations.

python -m workers.background.app
"""

import threading
from functools import partial

from celery import Celery
from celery.signals import worker_shutting_down

from shared.config import ExtractionSettings, IntakeSettings, LedgerSettings
from shared.database import Database
from shared.messages import AttachmentsQueued, DatasetsQueued, EvaluationsQueued
from shared.vault import Vault
from workers.background.curation import Curation
from workers.background.evaluation import Evaluations
from workers.background.extraction import Extractor
from workers.background.tasks import Drain
from workers.presence import Presence
from workers.task import handles, serve_queue


def bind(extractor: Extractor, app: Celery, database: Database, presence: Presence) -> None:
    stopping = threading.Event()
    worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
    vault = Vault.from_settings()
    settings = LedgerSettings()
    drain = Drain(database, vault, presence, extractor, settings, stopping)
    curation = Curation(database, vault, presence, settings, stopping, first=drain.run)
    evaluations = Evaluations(database, vault, presence, settings, stopping, first=drain.run)
    handles(app, AttachmentsQueued)(lambda _: drain.run())
    handles(app, DatasetsQueued)(lambda _: curation.run())
    handles(app, EvaluationsQueued)(lambda _: evaluations.run())


def main() -> None:
    with Extractor(ExtractionSettings(), IntakeSettings()) as extractor:
        serve_queue("background", partial(bind, extractor))


if __name__ == "__main__":
    main()
