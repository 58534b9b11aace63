"""R1: summarization workers are killed in the middle of their work."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import LEASE_SECONDS, SCAN_SECONDS, House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row

_PAUSE_SECONDS = 2.0
_DELAY_SECONDS = 0.4
"""Of a document alone: so short that chance does not kill its worker three times in a row."""
_PACE = {"EPICRISIS_MICRO_BATCH_SECONDS": "0.4"}
"""Few orphans of each kill: they are claimed one by one."""
_SUBMITTED_AT_ONCE, _BACKLOG = 100, 300
_LOOK_SECONDS = 0.2
_WAITING = "SELECT count(*) FROM documents WHERE status = 'queued'"
_ORPHANS = """
    SELECT id FROM documents
    WHERE status = 'running' AND lease_expires_at < now() OR status = 'queued' AND deaths > 0
"""


def run(plan: Plan) -> Outcome:
    documents, kills = plan.of(2_000, 200), plan.of(40, 4)
    with house(plan, delay=_DELAY_SECONDS, environment=_PACE) as home:
        driver = Driver(home.client)
        began = time.monotonic()

        def fault() -> float:
            home.kill("summarization")
            return _PAUSE_SECONDS

        def at_last() -> None:
            home.model.delay_seconds = 0.0

        with _orphans(home) as waited, harassed(fault, kills, at_last=at_last) as told:
            driver.submit(documents)
            while not told.over.wait(_LOOK_SECONDS):
                if home.ask(_WAITING)[0][0] < _BACKLOG:
                    driver.submit(_SUBMITTED_AT_ONCE, first=driver.acknowledged)
            ended = driver.wait(60.0 + driver.acknowledged / 10)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    longest = max(waited, default=0.0)
    found["orphans that waited too long"] = sum(
        one > LEASE_SECONDS + SCAN_SECONDS for one in waited
    )
    found["waits without end"] = int(not ended)
    measured = f"{len(waited)} orphans, claimed {longest:.1f} s after their lease at most"
    return Outcome(f"{driver.acknowledged:,} documents", told.count, seconds, found, measured)


@contextmanager
def _orphans(home: House) -> Iterator[list[float]]:
    """How long each document waited to be claimed after its dead worker's lease, in seconds."""
    waited: list[float] = []
    since: dict[UUID, float] = {}
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(0.2):
            now, orphans = time.monotonic(), {row[0] for row in home.ask(_ORPHANS)}
            waited.extend(now - since.pop(one) for one in list(since) if one not in orphans)
            since.update(dict.fromkeys(orphans - since.keys(), now))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield waited
    finally:
        ending.set()
        thread.join()


NO_SEARCH_FOR_THE_LOST = Mutation(
    "nobody looks for lost leases",
    "workers.dispatch.reconcile",
    "partial(requeue_lost, ",
    "partial(lambda _, **__: 0, ",
)
ROW = Row(
    "R1",
    "SIGKILL of one of three workers every two seconds",
    "0 lost, 0 doubled; an orphan is claimed again within lease + scan",
    run,
    (NO_SEARCH_FOR_THE_LOST,),
)
