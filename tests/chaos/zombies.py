"""R5: workers stand still past their leases, and wake up with results that nobody wants."""

import os
import signal
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from tests.chaos.driver import Driver
from tests.chaos.house import LEASE_SECONDS, SCAN_SECONDS, House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row

_WORKERS, _AT_ONCE = 5, 3
_DELAY_SECONDS = 1.5
_SMALL = {"EPICRISIS_MICRO_BATCH_SECONDS": "0.5"}
"""A worker that stands still leaves few orphans, which others take one by one."""
_BACKLOG = 60
_NIGHTS_PER_WAKING = 1.5
_SPOKEN_SECONDS = 2.0
"""A worker that wakes up has recorded what it had by then; others' leases last longer."""
_WAITING = "SELECT count(*) FROM documents WHERE status = 'queued'"
_HELD = """
    SELECT d.id, d.fence, w.pid FROM documents d JOIN workers w ON w.id = d.worker_id
    WHERE d.status = 'running' AND w.pid = ANY(%s)
"""
_TAKEN = """
    SELECT count(*) FROM documents d JOIN unnest(%s::uuid[], %s::bigint[]) AS held (id, fence)
    ON d.id = held.id AND d.fence > held.fence
"""
_ENDED = """
    SELECT count(*) FROM documents d JOIN unnest(%s::uuid[], %s::bigint[]) AS held (id, fence)
    ON d.id = held.id AND d.fence = held.fence AND d.status IN ('succeeded', 'failed')
"""


class Held(NamedTuple):
    """A document that a worker has claimed."""

    document: UUID
    fence: int
    pid: int


@dataclass
class Graveyard:
    home: House
    woken: int = 0
    """Workers that woke up after all that they held had been given to others."""
    tested: int = 0
    """Documents whose rightful worker stood still when the other one woke up."""
    accepted: int = 0
    """Of those, documents that ended all the same."""

    def one_night(self, sleepers: int) -> None:
        """So many workers stand still, lose what they held, and wake up.

        When they do, all others stand still: what ends now was not theirs.
        """
        living = self.home.pids("summarization")
        asleep = self.home.dice.sample(living, sleepers)
        held = self._stop(asleep)
        lost = self._wait_until_taken(held)
        mine = self._stop([pid for pid in living if pid not in asleep])
        _signal(asleep, signal.SIGCONT)
        time.sleep(_SPOKEN_SECONDS)
        if lost:
            theirs = {one.document for one in held}
            contested = [one for one in mine if one.document in theirs]
            self.woken += len({one.pid for one in held})
            self.tested += len(contested)
            self.accepted += self._count(_ENDED, contested)
        _signal(living, signal.SIGCONT)

    def _stop(self, pids: list[int]) -> list[Held]:
        """What they held when they stopped."""
        _signal(pids, signal.SIGSTOP)
        return [Held(*row) for row in self.home.ask(_HELD, pids)]

    def _wait_until_taken(self, held: Sequence[Held]) -> bool:
        """Whether others got all of it. Not so if a worker stopped in a transaction, with locks."""
        patience = 3 * (LEASE_SECONDS + SCAN_SECONDS) + len(held) * _DELAY_SECONDS
        deadline = time.monotonic() + patience
        while self._count(_TAKEN, held) < len(held):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return bool(held)

    def _count(self, query: str, held: Sequence[Held]) -> int:
        documents, fences = [one.document for one in held], [one.fence for one in held]
        count: int = self.home.ask(query, documents, fences)[0][0]
        return count


def run(plan: Plan) -> Outcome:
    zombies = plan.of(50, 4)
    with house(plan, workers=_WORKERS, environment=_SMALL, delay=_DELAY_SECONDS) as home:
        driver, began, nights = Driver(home.client), time.monotonic(), 0
        graveyard = Graveyard(home)
        while graveyard.woken < zombies and nights < _NIGHTS_PER_WAKING * zombies:
            if home.ask(_WAITING)[0][0] < _BACKLOG:
                driver.submit(_BACKLOG, first=driver.acknowledged)
            graveyard.one_night(min(_AT_ONCE, zombies - graveyard.woken))
            time.sleep(home.dice.uniform(0.5, 1.0))
            nights += 1
        home.model.delay_seconds = 0.0
        ended = driver.wait(60.0 + driver.acknowledged / 10)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    found["results accepted from who had lost the lease"] = graveyard.accepted
    found["zombies that did not come about"] = max(0, zombies - graveyard.woken)
    found["waits without end"] = int(not ended)
    measured = f"{graveyard.tested} documents at issue when a worker woke up"
    work = f"{driver.acknowledged:,} documents"
    return Outcome(work, graveyard.woken, seconds, found, measured)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


ROW = Row(
    "R5",
    "a worker is stopped past its lease and woken, × 50",
    "0 doubled; nothing accepted from who lost the lease",
    run,
    (
        Mutation(
            "no fence",
            "shared.batches.finish",
            "WHERE d.id = new.id AND d.fence = new.fence AND d.status = new.was",
            "WHERE d.id = new.id AND d.status = new.was",
        ),
        Mutation(
            "neither fence nor state",
            "shared.batches.finish",
            "WHERE d.id = new.id AND d.fence = new.fence AND d.status = new.was",
            "WHERE d.id = new.id",
        ),
    ),
)
