"""A base's claims, and what comes of them; `shared/leases.py` has the rules.

queued ──claim──▶ running ──record──▶ ready
   ▲                 ├──────fail────▶ failed ──asked for again──▶ queued
   └─ lost, released ┘
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import leases
from shared.leases import Lease
from shared.schemas.training import ModelKind
from shared.tables import Base


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    name: str
    source: str
    licence: str | None
    languages: list[str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was found in the model's files."""

    artifact: str
    kind: ModelKind
    architecture: str
    parameters: int
    window: int
    languages: list[str]
    licence: str | None


def claim_base(session: Session, worker: UUID, *, lease_seconds: float) -> Lease | None:
    """The oldest base that waits, of all tenants."""
    return leases.claim(session, Base, worker, lease_seconds=lease_seconds)


def read_wanted(session: Session, lease: Lease) -> Wanted:
    base = session.execute(
        select(Base.name, Base.source, Base.licence, Base.languages).where(Base.id == lease.id)
    ).one()
    return Wanted(base.name, base.source, base.licence, list(base.languages))


def record_base(session: Session, lease: Lease, imported: Imported) -> bool:
    """The base is ready; False when it is another worker's."""
    return leases.end(
        session,
        Base,
        lease,
        "ready",
        artifact=imported.artifact,
        kind=imported.kind,
        architecture=imported.architecture,
        parameters=imported.parameters,
        window=imported.window,
        languages=imported.languages,
        licence=imported.licence,
        ready_at=func.now(),
    )


def fail_base(
    session: Session, lease: Lease, code: str, message: str, how_to_fix: str | None
) -> bool:
    """`message` says the cause, `how_to_fix` what to do."""
    return leases.end(
        session,
        Base,
        lease,
        "failed",
        error_code=code,
        error_message=message,
        error_fix=how_to_fix,
    )
