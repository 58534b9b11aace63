"""What waits in the queues of the ledger, over all tenants, and who is there to take it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.messages import QUEUES
from shared.tables import WorkerPresence

SEEN_SECONDS = 15
"""A worker that was not seen for longer is taken for gone."""
STALL_SECONDS = 60
"""The dispatcher rings every few seconds: what idle workers leave longer, they do not hear of."""
_DEPTHS = text(
    "SELECT queue, waiting, extract(epoch FROM now() - waiting_since) AS age FROM queue_depths()"
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Of the ledger; a queue of the broker holds no work."""

    name: str
    waiting: int = 0
    """Documents, dataset versions, evaluations, bases or runs that may be claimed now."""
    oldest_seconds: float = 0.0
    """How long one of them has been waiting for that."""
    workers: Mapping[str, int] = field(default_factory=dict)
    """Living ones by state: `loading`, `idle`, `busy`."""

    @property
    def is_stalled(self) -> bool:
        """Whether work waits and nobody is about to take it."""
        return self.oldest_seconds > STALL_SECONDS and is_at_rest(self.workers)


def is_at_rest(workers: Mapping[str, int]) -> bool:
    """Whether none of them works or will when it has loaded."""
    return not (workers.get("busy") or workers.get("loading"))


def read_queues(session: Session) -> list[Queue]:
    """One for each of QUEUES. Counts alone: no tenant's name, no id."""
    depths = {row.queue: row for row in session.execute(_DEPTHS)}
    workers = living_workers(session)
    return [
        Queue(name, depths[name].waiting, float(depths[name].age), workers[name])
        if name in depths
        else Queue(name, workers=workers[name])
        for name in QUEUES
    ]


def living_workers(session: Session) -> dict[str, dict[str, int]]:
    """Queue → state → how many workers have been seen lately."""
    found: dict[str, dict[str, int]] = {name: {} for name in QUEUES}
    rows = session.execute(
        select(WorkerPresence.queue, WorkerPresence.state, func.count())
        .where(WorkerPresence.seen_at > text(f"now() - interval '{SEEN_SECONDS} s'"))
        .group_by(WorkerPresence.queue, WorkerPresence.state)
    )
    for queue, state, count in rows:
        found.setdefault(queue, {})[state] = count
    return found
