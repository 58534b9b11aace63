"""The summarization worker.

python -m workers.summarization.app
"""

import threading
from functools import partial

from celery import Celery
from celery.signals import worker_shutting_down

from shared.config import EngineSettings, LedgerSettings
from shared.database import Database
from shared.messages import DocumentsQueued
from shared.vault import Vault
from workers.presence import Presence
from workers.summarization.load_version import load_version
from workers.summarization.model import prompt_model
from workers.summarization.pipeline import Pipeline
from workers.summarization.tasks import Drain
from workers.summarization.versions import Versions
from workers.task import handles, serve_queue


def bind(app: Celery, database: Database, presence: Presence) -> None:
    """Load the model, then answer wake-ups."""
    stopping = threading.Event()
    worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
    settings = LedgerSettings()
    engines, patience = EngineSettings(), settings.fallback_after_seconds
    prompt = prompt_model(engines, presence, patience)
    prompt.prepare()
    versions = Versions(
        partial(load_version, database, engines), presence, patience, most=engines.loaded_versions
    )
    pipeline = Pipeline(prompt, versions, settings)
    drain = Drain(database, Vault.from_settings(), presence, pipeline, settings, stopping)
    handles(app, DocumentsQueued)(lambda _: drain.run())


if __name__ == "__main__":
    serve_queue("summarization", bind)
