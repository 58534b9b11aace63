"""The control's workers: the same work as a plain Celery task, as its tutorial has it.

    celery --app tests.chaos.plain worker

PLAIN_BROKER and PLAIN_DATABASE say where; with PLAIN_TUNED the settings are those that are advised
for work that must not be lost.
"""

import os
import time

import psycopg
from celery import Celery

TUNED = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "broker_transport_options": {"visibility_timeout": 10},
}
app = Celery("plain", broker=os.environ.get("PLAIN_BROKER"))
app.conf.update(
    {
        "broker_connection_retry_on_startup": True,
        **(TUNED if os.environ.get("PLAIN_TUNED") else {}),
    }
)


@app.task(autoretry_for=(psycopg.Error,), max_retries=None, retry_backoff=1)  # type: ignore[untyped-decorator]
def summarize(document: int, seconds: float) -> None:
    """Take so long as a model would, and record that it was done."""
    time.sleep(seconds)
    with psycopg.connect(os.environ["PLAIN_DATABASE"]) as connection:
        connection.execute("INSERT INTO plain_results VALUES (%s)", (document,))
