"""The summarization worker.

python -m workers.summarization.app
"""

import threading

from celery import Celery
from celery.signals import worker_shutting_down

from shared.config import EngineSettings, LedgerSettings
from shared.database import Database
from shared.messages import DocumentsQueued
from shared.vault import Vault
from workers.presence import Presence
from workers.summarization.model import PromptModel
from workers.summarization.pipeline import Pipeline
from workers.summarization.tasks import Drain
from workers.task import handles, serve_queue


def bind(app: Celery, database: Database, presence: Presence) -> None:
    """Load the model, then answer wake-ups."""
    stopping = threading.Event()
    worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
    settings = LedgerSettings()
    model = PromptModel(EngineSettings(), presence, settings.fallback_after_seconds)
    model.prepare()
    pipeline = Pipeline(model, settings)
    drain = Drain(database, Vault.from_settings(), presence, pipeline, settings, stopping)
    handles(app, DocumentsQueued)(lambda _: drain.run())


if __name__ == "__main__":
    serve_queue("summarization", bind)
