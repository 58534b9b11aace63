"""What nobody else puts right: lost leases, ended batches, rows past their time."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.orm import Session

from shared.batches.finish import NOTHING_LEFT, finish_if_done
from shared.batches.sweep import sweep_ended
from shared.config import LedgerSettings
from shared.database import Database
from shared.datasets.ledger import drop_forgotten
from shared.documents.lost import quarantine, requeue_lost
from shared.leases import requeue_lost as requeue_lost_rows
from shared.logs import get_logger
from shared.tables import (
    ApiKey,
    Base,
    Batch,
    DatasetVersion,
    Evaluation,
    IdempotencyKey,
    SeenAssertion,
    WorkerPresence,
)
from shared.training.ledger import requeue_lost_runs

_log = get_logger()
_CHUNK = 1_000


def reconcile(database: Database, settings: LedgerSettings) -> None:
    """One scan. Each step has its own transaction; one that found a full chunk goes on."""
    lease, deaths = settings.lease_seconds, settings.max_deaths
    steps: dict[str, Callable[[Session], int]] = {
        "leases_lost": partial(requeue_lost, lease_seconds=lease, max_deaths=deaths, limit=_CHUNK),
        "quarantined": partial(quarantine, lease_seconds=lease, max_deaths=deaths, limit=_CHUNK),
        "versions_lost": partial(
            requeue_lost_rows,
            table=DatasetVersion,
            noun="version",
            lease_seconds=lease,
            max_attempts=settings.max_attempts,
            step=None,
        ),
        "runs_lost": partial(
            requeue_lost_runs, lease_seconds=lease, max_attempts=settings.max_attempts
        ),
        "bases_lost": partial(
            requeue_lost_rows,
            table=Base,
            noun="base",
            lease_seconds=lease,
            max_attempts=settings.max_attempts,
        ),
        "evaluations_lost": partial(
            requeue_lost_rows,
            table=Evaluation,
            noun="evaluation",
            lease_seconds=lease,
            max_attempts=settings.max_attempts,
        ),
        "uploads_forgotten": partial(drop_forgotten, limit=_CHUNK),
        "finished_late": _finish_forgotten,
        "keys_expired": _drop_expired_keys,
        "tokens_expired": _drop_expired_tokens,
        "assertions_expired": _drop_expired_assertions,
        "workers_gone": _drop_dead_workers,
    }
    for name, step in steps.items():
        count = _CHUNK
        while count >= _CHUNK:
            with database.transaction() as session:
                count = step(session)
            if count:
                _log.info(name, count=count)


def sweep(database: Database) -> bool:
    """End some documents of cancelled batches; True when there may be more of them."""
    with database.transaction() as session:
        return sweep_ended(session, limit=_CHUNK) >= _CHUNK


def _finish_forgotten(session: Session) -> int:
    """`settle` ends each batch; this finds one that it could not."""
    forgotten = session.scalars(
        select(Batch.id)
        .where(NOTHING_LEFT)
        .order_by(Batch.id)
        .limit(_CHUNK)
        .with_for_update(skip_locked=True)
    ).all()
    for batch in forgotten:
        finish_if_done(session, batch)
    return len(forgotten)


def _drop_expired_keys(session: Session) -> int:
    oldest = (
        select(IdempotencyKey.tenant_id, IdempotencyKey.key_mac)
        .where(IdempotencyKey.expires_at < func.now())
        .limit(_CHUNK)
        .subquery()
    )
    gone = session.execute(
        delete(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == oldest.c.tenant_id,
            IdempotencyKey.key_mac == oldest.c.key_mac,
        )
        .returning(IdempotencyKey.key_mac)
    )
    return len(gone.all())


def _drop_expired_tokens(session: Session) -> int:
    """Access tokens; a key that an administrator made stays, for the list."""
    oldest = (
        select(ApiKey.id)
        .where(ApiKey.client_id.is_not(None), ApiKey.expires_at < func.now())
        .limit(_CHUNK)
    )
    gone = session.execute(delete(ApiKey).where(ApiKey.id.in_(oldest)).returning(ApiKey.id))
    return len(gone.all())


def _drop_expired_assertions(session: Session) -> int:
    """What could be replayed no longer."""
    key = tuple_(SeenAssertion.client_id, SeenAssertion.jti_digest)
    oldest = (
        select(SeenAssertion.client_id, SeenAssertion.jti_digest)
        .where(SeenAssertion.expires_at < func.now())
        .limit(_CHUNK)
    )
    gone = session.execute(
        delete(SeenAssertion).where(key.in_(oldest)).returning(SeenAssertion.jti_digest)
    )
    return len(gone.all())


def _drop_dead_workers(session: Session) -> int:
    gone = session.execute(
        delete(WorkerPresence)
        .where(WorkerPresence.seen_at < text("now() - interval '5 min'"))
        .returning(WorkerPresence.id)
    )
    return len(gone.all())
