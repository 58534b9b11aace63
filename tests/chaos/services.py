"""R9b: the API and the dispatcher are restarted, politely or not, while they are used."""

import os
import signal
import time
from dataclasses import dataclass, field
from itertools import cycle, product

from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row
from tests.fixtures.processes import alive

_BATCH, _BACKLOG = 20, 200
_DELAY_SECONDS = 0.3
_BETWEEN_SECONDS = (0.5, 2.0)
_EXIT_SECONDS, _BACK_SECONDS = 30.0, 30.0
_ALL_DONE_SECONDS = 30.0
_WAITING = "SELECT count(*) FROM documents WHERE status = 'queued'"


@dataclass
class Rolling:
    home: House
    stopped: list[float] = field(default_factory=list)
    """Seconds from each signal to the process's end."""
    gone: int = 0
    """Did not come back."""

    def __post_init__(self) -> None:
        self._next = cycle(product(("api", "dispatcher"), (signal.SIGTERM, signal.SIGKILL)))

    def restart(self) -> float:
        """The next one; returns the seconds to leave things alone after it."""
        kind, number = next(self._next)
        (pid,) = self.home.pids(kind)
        began = time.monotonic()
        os.kill(pid, number)
        while alive(pid) and time.monotonic() - began < _EXIT_SECONDS:
            time.sleep(0.02)
        self.stopped.append(time.monotonic() - began)
        while self.home.pids(kind) == [pid] and time.monotonic() - began < _BACK_SECONDS:
            time.sleep(0.05)
        self.gone += self.home.pids(kind) == [pid]
        return self.home.dice.uniform(*_BETWEEN_SECONDS)


def run(plan: Plan) -> Outcome:
    restarts = plan.of(20, 4)
    with house(plan, delay=_DELAY_SECONDS) as home:
        driver, rolling, began = Driver(home.client), Rolling(home), time.monotonic()
        with harassed(rolling.restart, restarts) as told:
            while not told.over.wait(0.05):
                if home.ask(_WAITING)[0][0] < _BACKLOG:
                    driver.submit(_BATCH, first=driver.acknowledged)
        home.model.delay_seconds = 0.0
        driver.wait(_ALL_DONE_SECONDS + driver.acknowledged / 10)
        # Nobody is busy: what comes now waits for a bell.
        driver.submit(_BATCH, first=driver.acknowledged)
        ended = driver.wait(_ALL_DONE_SECONDS)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    found["stops that took longer than 30 s"] = sum(one >= _EXIT_SECONDS for one in rolling.stopped)
    found["processes that did not come back"] = rolling.gone
    found["waits without end"] = int(not ended)
    measured = f"stopped in {max(rolling.stopped):.1f} s at most"
    return Outcome(f"{driver.acknowledged:,} documents", told.count, seconds, found, measured)


ROW = Row(
    "R9b",
    "API and dispatcher restarted under load, × 20: SIGTERM and SIGKILL",
    "0 lost, 0 doubled",
    run,
    (
        Mutation(
            "a dispatcher that ends is not started again",
            "services.local.watch",
            "elif time.monotonic() >= child.start_again_at:",
            'elif child.program.kind != "dispatcher" and time.monotonic() >= child.start_again_at:',
        ),
    ),
)
