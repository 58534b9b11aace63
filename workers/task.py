"""How a worker process is made: an app that handles messages, its presence, its log."""

import signal
from collections.abc import Callable
from typing import TypeVar

import structlog
from celery import Celery
from celery.signals import worker_ready

from shared.broker import make_app
from shared.config import LedgerSettings
from shared.database import Database, connect
from shared.logs import configure_logs, describe, get_logger
from shared.messages import Message
from workers.presence import Presence

_log = get_logger()


M = TypeVar("M", bound=Message)


def handles(app: Celery, message: type[M]) -> Callable[[Callable[[M], None]], None]:
    """Bind a function to a message: validation, log context, errors reduced to code and place.

    A handler answers for its own work through the ledger, so an error ends here: Celery would put
    its text, and with it perhaps a patient's, into logs.
    """

    def bind(handler: Callable[[M], None]) -> None:
        def run(**payload: object) -> None:
            with structlog.contextvars.bound_contextvars(task=message.name):
                try:
                    handler(message(**payload))
                except Exception as error:  # noqa: BLE001 - the last line of defence of a task
                    _log.error("task_failed", error=describe(error))

        app.task(run, name=message.name)

    return bind


def serve_queue(queue: str, bind: Callable[[Celery, Database, Presence], None]) -> None:
    """Consume `queue` in this process until SIGTERM, with what `bind` puts on the app.

    The pool is solo, since CUDA cannot be forked. SIGTERM lets the task at hand come to its end.
    """
    worker_ready.connect(_stop_alike)
    configure_logs(f"{queue} worker")
    app, database = make_app(f"epicrisis.{queue}"), Database(connect(pool_size=2))
    with Presence(database, queue, LedgerSettings()) as presence:
        bind(app, database, presence)
        presence.report("idle")
        app.worker_main(
            [
                "worker",
                "--pool=solo",
                "--queues",
                queue,
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",
                "--loglevel=WARNING",
            ]
        )


def _stop_alike(**_: object) -> None:
    """SIGQUIT and SIGINT stop a worker as SIGTERM does, however often they come.

    Celery's cold shutdown cancels the task at hand, which a solo pool cannot do: its handler fails
    before anybody is told to stop, and the task works on.
    """
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.getsignal(signal.SIGTERM))
