"""R15: the engine hangs in the middle of a micro-batch."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from tests.chaos.driver import FILLER, Driver, note
from tests.chaos.house import LEASE_SECONDS, SCAN_SECONDS, House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row
from tests.fakes import FAKE_HANG

_DEADLINE_SECONDS = 4.0
_CHARACTERS_PER_DEADLINE = 25_000
"""A micro-batch of so many has twice the time."""
_BEAT_SECONDS = LEASE_SECONDS / 3
_NEIGHBOURS = 20
_PATIENT = {
    "EPICRISIS_DEADLINE_SECONDS": str(_DEADLINE_SECONDS),
    "EPICRISIS_PROMPT_TIMEOUT_SECONDS": "3600",
}
"""The engine itself would wait for ever."""
_SLACK_SECONDS = 1.0
"""Of the watch below, and of a busy machine."""
_RUNNING = """
    SELECT id, fence, worker_id, sum(size) OVER (PARTITION BY worker_id) FROM documents
    WHERE status = 'running'
"""
_DEATHS_ALONE = (
    "SELECT coalesce(sum(deaths_alone + (error_code = 'quarantined')::int), 0) FROM documents "
    "WHERE status = 'failed'"
)
"""The death that ends a document is not added to its count."""


@dataclass
class Watched:
    """Claims, by document and fence: since when they are there, and how long they may be."""

    since: dict[tuple[UUID, int], float] = field(default_factory=dict)
    allowed: dict[tuple[UUID, int], float] = field(default_factory=dict)
    longest: float = 0.0
    late: set[tuple[UUID, int]] = field(default_factory=set)

    def look(self, home: House) -> None:
        rows, now = home.ask(_RUNNING), time.monotonic()
        running = {(document, fence): float(size) for document, fence, _, size in rows}
        for claim, size in running.items():
            held = now - self.since.setdefault(claim, now)
            own = _DEADLINE_SECONDS * (1 + size / _CHARACTERS_PER_DEADLINE)
            self.allowed.setdefault(
                claim, own + _BEAT_SECONDS + LEASE_SECONDS + SCAN_SECONDS + _SLACK_SECONDS
            )
            self.longest = max(self.longest, held)
            if held > self.allowed[claim]:
                self.late.add(claim)


def run(plan: Plan) -> Outcome:
    hangs = plan.of(20, 2)
    with house(plan, environment=_PATIENT) as home, _watching(home) as watched:
        driver, began = Driver(home.client), time.monotonic()
        for number in range(hangs):
            first = driver.acknowledged
            notes = {f"n-{n}": note(n) for n in range(first, first + _NEIGHBOURS)}
            notes[f"h-{number}"] = f"Patient {number} has a cough. {FAKE_HANG}. {FILLER}"
            driver.submit_notes(notes)
        ended = driver.wait(60.0 + hangs * 4 * (_DEADLINE_SECONDS + LEASE_SECONDS))
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged, failed=hangs)
        found |= driver.wrong()
        deaths = int(home.ask(_DEATHS_ALONE)[0][0])
    found["hangs that were seen too late"] = len(watched.late)
    found["deaths alone other than three a hang"] = abs(deaths - 3 * hangs)
    found["waits without end"] = int(not ended)
    measured = f"{deaths} deaths, claims held {watched.longest:.1f} s at most"
    return Outcome(f"{driver.acknowledged:,} documents", hangs, seconds, found, measured)


@contextmanager
def _watching(home: House) -> Iterator[Watched]:
    watched, ending = Watched(), threading.Event()

    def watch() -> None:
        while not ending.wait(0.2):
            watched.look(home)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield watched
    finally:
        ending.set()
        thread.join()


ROW = Row(
    "R15",
    "the engine hangs, × 20",
    "seen within the deadline, a death like any other",
    run,
    (
        Mutation(
            "no deadline",
            "workers.presence",
            "if held is not None and time.monotonic() > held[1]:",
            "if held is not None and held[1] < 0:",
        ),
    ),
)
