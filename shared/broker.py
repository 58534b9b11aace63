"""Celery's settings: queues and routes derived from the messages. Imports no task.

A message is only a wake-up (see `shared/messages.py`), so it is acknowledged early and no result is
kept. Time-outs are short: publishing to a frozen Redis must not block the dispatcher for long.
"""

from typing import Any

from celery import Celery
from kombu.entity import Queue

from shared.config import ServerSettings
from shared.errors import Misconfigured
from shared.messages import MESSAGES, QUEUES

_SOCKET: dict[str, Any] = {
    "socket_timeout": 5.0,
    "socket_connect_timeout": 5.0,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": False,
}


def make_app(name: str) -> Celery:
    """A Celery app on EPICRISIS_REDIS_URL. Raises Misconfigured without it."""
    url = ServerSettings().redis_url
    if url is None:
        raise Misconfigured("No Redis.", how_to_fix="Set EPICRISIS_REDIS_URL.")
    app = Celery(name, broker=url.get_secret_value(), set_as_current=False)
    app.conf.update(
        task_queues=[Queue(queue) for queue in QUEUES],  # type: ignore[no-untyped-call]
        task_routes={message.name: {"queue": message.queue} for message in MESSAGES.values()},
        task_create_missing_queues=False,
        task_acks_late=False,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=5.0,
        broker_transport_options={**_SOCKET, "visibility_timeout": 60},
        task_publish_retry=False,
    )
    return app
