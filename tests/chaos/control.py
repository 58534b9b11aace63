"""The control: plain Celery with the same work and faults, so that the suite is seen to bite."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg

from tests.chaos.harass import harassed
from tests.chaos.house import House, house
from tests.chaos.plain import TUNED, app, summarize
from tests.chaos.row import Outcome, Plan, Row
from tests.fixtures.processes import superuser_url

_WORKERS, _PAUSE_SECONDS, _TASK_SECONDS = 3, 2.0, 0.1
_QUIET_SECONDS = 25.0
"""Without a further result: longer than the tuned form's visibility timeout."""
_COUNT = "SELECT count(DISTINCT document), count(*) FROM plain_results"


@dataclass
class Workers:
    """Plain Celery workers that are started again when they die, as a supervisor would."""

    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]]

    def kill(self, dice: random.Random) -> None:
        place = dice.randrange(len(self.processes))
        self._end(self.processes[place])
        self.processes[place] = self._start()

    def start(self) -> None:
        self.processes += [self._start() for _ in range(_WORKERS)]

    def end(self) -> None:
        for process in self.processes:
            self._end(process)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "tests.chaos.plain", "worker", "-c", "2"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(plan: Plan) -> Outcome:
    documents, kills, flushes = plan.of(2_000, 200), plan.of(20, 4), plan.of(5, 1)
    began, faults, said, bitten = time.monotonic(), 0, [], 0
    with house(plan, workers=1) as home:
        for tuned in (False, True):
            for fault, count in (("kills", kills), ("flushes", flushes)):
                lost, doubled = _measure(home, documents, fault, count, tuned=tuned)
                form = "acks_late" if tuned else "defaults"
                said.append(f"{form}, {count} {fault}: {lost} lost, {doubled} doubled")
                bitten += bool(lost or doubled)
                faults += count
    found = {"controls that came through all faults": int(not bitten)}
    work = f"4 × {documents:,} documents"
    return Outcome(work, faults, time.monotonic() - began, found, "; ".join(said))


def _measure(
    home: House, documents: int, fault: str, count: int, *, tuned: bool
) -> tuple[int, int]:
    url = superuser_url(home.home, home.started)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS plain_results")
        connection.execute("CREATE TABLE plain_results (document int)")
        with _workers(home, url, tuned=tuned) as workers, home.redis() as broker:

            def strike() -> float:
                if fault == "kills":
                    workers.kill(home.dice)
                else:
                    broker.flushall()
                return _PAUSE_SECONDS

            with harassed(strike, count) as told:
                for document in range(documents):
                    summarize.delay(document, _TASK_SECONDS)
                told.over.wait()
                distinct, all_ = _settled(connection)
    return documents - distinct, all_ - distinct


@contextmanager
def _workers(home: House, url: str, *, tuned: bool) -> Iterator[Workers]:
    broker = f"{home.started.redis_url.rpartition('/')[0]}/7"
    app.conf.update({"broker_url": broker, **(TUNED if tuned else {})})
    with home.redis() as emptied:
        emptied.flushall()
    given = {"PLAIN_BROKER": broker, "PLAIN_DATABASE": url, "PLAIN_TUNED": "1" if tuned else ""}
    workers = Workers({**os.environ, **given}, [])
    workers.start()
    try:
        yield workers
    finally:
        workers.end()


def _settled(connection: psycopg.Connection) -> tuple[int, int]:
    """Documents done and results written, once nothing has come for a while."""
    last, since = (-1, -1), time.monotonic()
    while time.monotonic() - since < _QUIET_SECONDS:
        row = connection.execute(_COUNT).fetchone()
        assert row is not None
        if row != last:
            last, since = row, time.monotonic()
        time.sleep(0.5)
    return last


ROW = Row(
    "control",
    "plain Celery under the faults of R1 and R2",
    "loses or doubles: the faults bite",
    run,
)
