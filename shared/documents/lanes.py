"""Whose turn it is: fair by priority class, then by tenant, then by note type.

A lane is what one tenant has queued of one note type at one priority. Each lane remembers the
characters that it was served lately. Classes are compared by what they were served relative to
their share, tenants and note types by what they were served, so whoever had least comes first and
one document of a quiet tenant does not wait for another's backlog.

Lanes are read without a lock and stamped after the claim: a locked lane would make the next worker
believe that nothing is waiting.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

SHARES = {"interactive": 0.5, "normal": 0.3, "bulk": 0.2}
"""Of the work while all classes have documents waiting; bulk keeps a fifth."""
MEMORY_SECONDS = 60.0
"""What a lane was served fades by half in this time."""


@dataclass(frozen=True, slots=True)
class Lane:
    tenant: UUID
    priority: str
    note_type: str
    served: float
    """Characters, faded."""
    waiting: bool


_FADED = (
    "served * power(0.5, greatest(0, extract(epoch FROM now() - served_at)) / "
    "CAST(:memory AS float))"
)
_READ = text(
    f"""
    SELECT lane.tenant_id, lane.priority, lane.note_type, {_FADED} AS served,
           EXISTS (
               SELECT FROM documents d
               WHERE d.tenant_id = lane.tenant_id AND d.priority = lane.priority
                 AND d.note_type = lane.note_type AND d.status = 'queued'
                 AND d.attachment_type IS NULL AND d.not_before <= now()
           ) AS waiting
    FROM lanes lane JOIN tenants ON tenants.id = lane.tenant_id
    WHERE tenants.suspended_at IS NULL
    """
)
_STAMP = text(
    f"""
    UPDATE lanes SET served = {_FADED} + :size, served_at = now()
    WHERE tenant_id = :tenant AND priority = :priority AND note_type = :note_type
    """
)


def read_lanes(session: Session) -> list[Lane]:
    rows = session.execute(_READ, {"memory": MEMORY_SECONDS})
    return [Lane(*row) for row in rows]


def in_turn(lanes: Sequence[Lane]) -> list[Lane]:
    """The lanes where something waits, whose turn it is first."""
    by_class: dict[str, float] = defaultdict(float)
    by_tenant: dict[UUID, float] = defaultdict(float)
    for lane in lanes:
        by_class[lane.priority] += lane.served / SHARES[lane.priority]
        by_tenant[lane.tenant] += lane.served
    return sorted(
        (lane for lane in lanes if lane.waiting),
        key=lambda lane: (
            by_class[lane.priority],
            -SHARES[lane.priority],
            by_tenant[lane.tenant],
            lane.served,
        ),
    )


def stamp(session: Session, lane: Lane, size: int) -> None:
    """Remember that the lane was served `size` characters."""
    session.execute(
        _STAMP,
        {
            "memory": MEMORY_SECONDS,
            "size": size,
            "tenant": lane.tenant,
            "priority": lane.priority,
            "note_type": lane.note_type,
        },
    )
