"""The training worker: bases to import, runs to train.

python -m workers.training.app
"""

import threading

from celery import Celery
from celery.signals import worker_shutting_down

from shared.config import EngineSettings, HomeSettings, LedgerSettings, TrainingSettings
from shared.database import Database
from shared.errors import Misconfigured
from shared.messages import TrainingQueued
from shared.storage import Storage
from shared.vault import Vault
from workers.presence import Presence
from workers.task import handles, serve_queue
from workers.training.attempt import Parts
from workers.training.place import choose_place
from workers.training.tasks import Drain


def make_drain(database: Database, presence: Presence, stopping: threading.Event) -> Drain:
    """From the environment. Raises Misconfigured where models have no place to lie."""
    store = Storage.from_settings()
    if store is None:
        raise Misconfigured(
            "Trained models have no place to lie.",
            how_to_fix="Set EPICRISIS_ARTIFACTS_URL to a folder or an object store.",
        )
    settings, home = TrainingSettings(), HomeSettings()
    place = choose_place(EngineSettings(), settings)
    vault = Vault.from_settings()
    parts = Parts(database, vault, store, home, settings, place, stopping.is_set)
    return Drain(parts, presence, LedgerSettings())


def bind(app: Celery, database: Database, presence: Presence) -> None:
    stopping = threading.Event()
    worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
    drain = make_drain(database, presence, stopping)
    handles(app, TrainingQueued)(lambda _: drain.run())


if __name__ == "__main__":
    serve_queue("training", bind)
