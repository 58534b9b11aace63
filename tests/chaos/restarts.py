"""R9: workers are told to stop, one after the other, in the middle of their work."""

import os
import signal
import time
from dataclasses import dataclass, field

from tests.chaos.driver import BATCH, Driver
from tests.chaos.house import LEASE_SECONDS, SCAN_SECONDS, House, house, until
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row
from tests.fixtures.processes import alive

_WORKERS = 4
_DELAY_SECONDS = 0.4
_LARGE = {"EPICRISIS_MICRO_BATCH_SECONDS": "4"}
"""So that a worker holds more than the model is given at once."""
_BACKLOG = 400
_LATEST_SECONDS = 1.0
_EXIT_SECONDS = 30.0
_BETWEEN_SECONDS = 0.2
_TERM = (signal.SIGTERM,)
_OTHERS = ((signal.SIGQUIT,), (signal.SIGINT, signal.SIGINT))
_BUSY = """
    SELECT DISTINCT w.pid FROM documents d JOIN workers w ON w.id = d.worker_id
    WHERE d.status = 'running' AND w.pid = ANY(%s)
"""
_WAITING = "SELECT count(*) FROM documents WHERE status = 'queued'"
_RELEASED = "SELECT count(*) FROM documents WHERE fence > 1"
_DEATHS = "SELECT coalesce(sum(deaths), 0)::int FROM documents"


@dataclass
class Restarts:
    home: House
    driver: Driver
    seconds: list[float] = field(default_factory=list)
    """From the first signal to the process's end."""

    def stop(self, signals: tuple[signal.Signals, ...]) -> None:
        """One that works; it is started again by itself."""
        self._keep_a_backlog()
        victim = self.home.dice.choice(until(lambda: self._busy() or None))
        time.sleep(self.home.dice.uniform(0, _LATEST_SECONDS))
        began = time.monotonic()
        for number in signals:
            os.kill(victim, number)
            time.sleep(_BETWEEN_SECONDS)
        while alive(victim) and time.monotonic() - began < _EXIT_SECONDS:
            self._keep_a_backlog()
            time.sleep(0.02)
        self.seconds.append(time.monotonic() - began)
        if alive(victim):
            os.kill(victim, signal.SIGKILL)

    def deaths(self) -> int:
        """Once every lease of those that stopped would have been found lost."""
        time.sleep(LEASE_SECONDS + 2 * SCAN_SECONDS)
        return int(self.home.ask(_DEATHS)[0][0])

    def _keep_a_backlog(self) -> None:
        """Whoever does not stop of itself finds something to do."""
        while self.home.ask(_WAITING)[0][0] < _BACKLOG:
            self.driver.submit(BATCH, first=self.driver.acknowledged)

    def _busy(self) -> list[int]:
        return [pid for (pid,) in self.home.ask(_BUSY, self.home.pids("summarization"))]


def run(plan: Plan) -> Outcome:
    restarts = plan.of(100, 9)
    with house(plan, workers=_WORKERS, environment=_LARGE, delay=_DELAY_SECONDS) as home:
        stopping, began = Restarts(home, Driver(home.client)), time.monotonic()
        for _ in range(restarts - 2 * (restarts // 3)):
            stopping.stop(_TERM)
        by_term = stopping.deaths()
        for number in range(2 * (restarts // 3)):
            stopping.stop(_OTHERS[number % len(_OTHERS)])
        by_others = stopping.deaths() - by_term
        home.model.delay_seconds = 0.0
        driver = stopping.driver
        ended = driver.wait(60.0 + driver.acknowledged / 10)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
        ((released,),) = home.ask(_RELEASED)
    found["stops that took longer than 30 s"] = sum(
        one >= _EXIT_SECONDS for one in stopping.seconds
    )
    found["deaths by SIGTERM"] = by_term
    found["deaths by SIGQUIT or SIGINT"] = by_others
    found["waits without end"] = int(not ended)
    measured = f"stopped in {max(stopping.seconds):.1f} s at most, {released} documents given back"
    work = f"{driver.acknowledged:,} documents"
    return Outcome(work, len(stopping.seconds), seconds, found, measured)


ROW = Row(
    "R9",
    "workers stopped under load, × 100: SIGTERM, SIGQUIT, SIGINT twice",
    "0 lost, exit ≤ 30 s each, no stop counts as a death",
    run,
    (
        Mutation(
            "what a stopped worker holds is not given back",
            "workers.summarization.pipeline",
            "steps += [Postponed(each.note.claim, 0.0) for each in mine]",
            "pass",
        ),
        Mutation(
            "a worker that is told to stop works on",
            "workers.summarization.app",
            "lambda **_: stopping.set()",
            "lambda **_: None",
        ),
    ),
)
