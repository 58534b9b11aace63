"""Outbox → Celery. Rings the bell; what there is to do stands in the ledger."""

from celery import Celery
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from sqlalchemy import TextClause, func, select, text
from sqlalchemy.orm import Session

from shared import outbox
from shared.database import Database
from shared.logs import describe, get_logger
from shared.messages import (
    AttachmentsQueued,
    DatasetsQueued,
    DocumentsQueued,
    EvaluationsQueued,
    Message,
    TrainingQueued,
)
from shared.tables import WorkerPresence

_log = get_logger()
_BATCH = 1_000
_WAITING = "SELECT EXISTS (SELECT FROM documents WHERE status = 'queued' AND not_before <= now()"
_CLAIMABLE: dict[Message, TextClause] = {
    AttachmentsQueued(): text(f"{_WAITING} AND attachment_type IS NOT NULL)"),
    DocumentsQueued(): text(f"{_WAITING} AND attachment_type IS NULL)"),
    DatasetsQueued(): text(
        "SELECT EXISTS (SELECT FROM dataset_versions "
        "WHERE status = 'queued' AND not_before <= now())"
    ),
    EvaluationsQueued(): text(
        "SELECT EXISTS (SELECT FROM evaluations WHERE status = 'queued' AND not_before <= now())"
    ),
    TrainingQueued(): text(
        "SELECT EXISTS (SELECT FROM bases WHERE status = 'queued' AND not_before <= now()) "
        "OR EXISTS (SELECT FROM training_runs WHERE status = 'queued' AND not_before <= now())"
    ),
}
"""Message → whether something waits that it speaks of."""
BROKER_ERRORS = (BrokerError, RedisError, OSError)


def relay(database: Database, app: Celery) -> bool:
    """Publish what the outbox holds; False when the broker is away, and then nothing is lost."""
    try:
        with database.transaction() as session:
            for message in set(outbox.claim_pending(session, _BATCH)):
                ring(session, app, message)
    except BROKER_ERRORS as error:
        _log.warning("broker_unreachable", error=describe(error))
        return False
    return True


def ring_for_unclaimed(database: Database, app: Celery) -> bool:
    """Wake idle workers when documents wait: their message was lost, or a pause has passed."""
    try:
        with database.transaction() as session:
            for message, waiting in _CLAIMABLE.items():
                if session.scalar(waiting):
                    ring(session, app, message)
    except BROKER_ERRORS as error:
        _log.warning("broker_unreachable", error=describe(error))
        return False
    return True


def ring(session: Session, app: Celery, message: Message) -> None:
    """Put as many wake-ups into the message's queue as workers idle, and no more than that."""
    idle = session.scalar(
        select(func.count())
        .select_from(WorkerPresence)
        .where(WorkerPresence.queue == message.queue, WorkerPresence.state != "busy")
        .where(WorkerPresence.seen_at > text("now() - interval '15 s'"))
    )
    with app.connection_for_write() as connection:
        waiting = connection.default_channel.client.llen(message.queue)
        for _ in range(max(idle or 0, 1) - waiting):
            app.send_task(
                message.name,
                kwargs=message.model_dump(),
                queue=message.queue,
                connection=connection,
            )
