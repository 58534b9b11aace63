"""The state machine of a training run, and its claims.

    submit ──▶ queued ──claim──▶ running ──succeed──▶ succeeded
               ▲ │ │ ▲             │ │ │ ├──fail─────▶ failed
               │ │ │ └─lost,───────┘ │ └──stop───────▶ cancelled   (asked: cancel)
        resume │ │ │   released      └────stop──┐
               │ │ └─────cancel──────────────────┼───▶ cancelled
               │ └───────pause──────────────▶ paused ──cancel──▶ cancelled
               └─────────────────────────────────┘                (asked: pause)

Over `shared/leases.py`: a lease, renewed while the supervisor lives; a fence that only grows, so
that one that was taken for dead writes nothing. A run is claimed when its base is ready and no
other run has the device. `attempts` counts claims that ended, by a death or an error, before a new
checkpoint was made: a checkpoint sets it back, so a run that gets on may be resumed for ever.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from shared import leases
from shared.leases import RETURNED, Lease
from shared.tables import Base, TrainingRun, WorkerPresence

_PRESENT = timedelta(seconds=60)
FINAL: tuple[str, ...] = ("succeeded", "failed", "cancelled")


def claim_run(
    session: Session, worker: UUID, *, host: str, device: str, lease_seconds: float
) -> Lease | None:
    """The oldest run that can begin here and now, of all tenants."""
    other = aliased(TrainingRun)
    ready = or_(
        TrainingRun.base_version_id.is_not(None),
        exists().where(Base.id == TrainingRun.base_id, Base.status == "ready"),
    )
    # Its checkpoints lie there, and somebody is there who will go on from them.
    elsewhere = exists().where(
        TrainingRun.host != host,
        WorkerPresence.host == TrainingRun.host,
        WorkerPresence.queue == "training",
        WorkerPresence.seen_at > func.now() - _PRESENT,
    )
    free = ~exists().where(other.status == "running", other.host == host, other.device == device)
    try:
        # Of two workers of one device that ask at once, the index lets one have it.
        with session.begin_nested():
            return leases.claim(
                session,
                TrainingRun,
                worker,
                lease_seconds=lease_seconds,
                when=(ready, free, ~elsewhere),
                host=host,
                device=device,
                started_at=func.coalesce(TrainingRun.started_at, func.now()),
            )
    except IntegrityError:
        return None


def renew_run(session: Session, lease: Lease, *, lease_seconds: float) -> bool:
    """Keep the lease; False when another worker has the run."""
    return leases.renew(session, TrainingRun, lease, lease_seconds=lease_seconds)


def asked_of(session: Session, lease: Lease) -> str | None:
    """`cancel`, `pause`, `lost` when the run is another's, or None: go on."""
    row = session.execute(
        select(TrainingRun.asked).where(
            TrainingRun.id == lease.id,
            TrainingRun.fence == lease.fence,
            TrainingRun.status == "running",
        )
    ).one_or_none()
    return "lost" if row is None else row.asked


def stop_run(session: Session, lease: Lease) -> str | None:
    """Do as was asked; returns the new state, None when nothing was asked or it is another's."""
    return session.scalar(
        update(TrainingRun)
        .where(
            TrainingRun.id == lease.id,
            TrainingRun.fence == lease.fence,
            TrainingRun.status == "running",
            TrainingRun.asked.is_not(None),
        )
        .values(**_stopped())
        .returning(TrainingRun.status)
    )


def fail_run(
    session: Session, lease: Lease, code: str, message: str, fix: str | None = None
) -> bool:
    """`message` and `fix` never quote an example. False when the run is another's."""
    return leases.end(
        session,
        TrainingRun,
        lease,
        "failed",
        error_code=code,
        error_message=message,
        error_fix=fix,
        asked=None,
        ended_at=func.now(),
    )


def succeed_run(session: Session, lease: Lease, **columns: object) -> bool:
    """False when the run is another's: then nothing else of the transaction may stand."""
    return leases.end(
        session, TrainingRun, lease, "succeeded", asked=None, ended_at=func.now(), **columns
    )


def release_run(
    session: Session, lease: Lease, *, pause_seconds: float = 0.0, attempt: bool = False
) -> bool:
    """Back to the queue; `attempt`: after an error of its own."""
    return leases.release(session, TrainingRun, lease, pause_seconds=pause_seconds, attempt=attempt)


def note_checkpoint(session: Session, lease: Lease) -> bool:
    """The run has got on since it was claimed: what died before counts no longer."""
    return leases.write(session, TrainingRun, lease, attempts=0)


def fail_without_base(session: Session) -> int:
    """Runs whose base could not be imported fail with its cause; returns how many."""
    failed = session.execute(
        update(TrainingRun)
        .where(
            TrainingRun.status == "queued",
            TrainingRun.base_id == Base.id,
            Base.status == "failed",
        )
        .values(
            status="failed",
            error_code="base_failed",
            error_message=func.concat("Its base was not imported. ", Base.error_message),
            error_fix=Base.error_fix,
            asked=None,
            ended_at=func.now(),
        )
        .returning(TrainingRun.id)
    )
    return len(failed.all())


def requeue_lost_runs(session: Session, *, lease_seconds: float, max_attempts: int) -> int:
    """Runs of dead workers: stopped if that was asked, else as `shared/leases.py` has it."""
    stopped = session.execute(
        update(TrainingRun)
        .where(*leases.lost(TrainingRun, lease_seconds), TrainingRun.asked.is_not(None))
        .values(**_stopped())
        .returning(TrainingRun.id)
    ).all()
    return len(stopped) + leases.requeue_lost(
        session,
        TrainingRun,
        lease_seconds=lease_seconds,
        max_attempts=max_attempts,
        noun="training run",
        ended_at=func.now(),
    )


def _stopped() -> dict[str, Any]:
    paused = TrainingRun.asked == "pause"
    return {
        "status": case((paused, "paused"), else_="cancelled"),
        "asked": None,
        "ended_at": case((paused, None), else_=func.now()),
        **RETURNED,
    }
