"""R17: ten minutes of steady load with mild faults; nothing may grow."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from redis import RedisError

from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row

_SECONDS, _LEAST_SECONDS = 600.0, 60.0
_BETWEEN_SECONDS = 10.0
_BATCH, _BACKLOG = 20, 100
_DELAY_SECONDS = 0.2
_LOOK_SECONDS = 1.0
_MEASURED = ("api", "dispatcher", "summarization", "background", "training")
"""A killed worker would begin again with little, so that nothing here is killed but Redis."""
_WAITING = "SELECT count(*) FROM documents WHERE status = 'queued'"
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
_DEAD = "SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables"
_GROWTH = {"memory": 1.1, "connections": 1.25, "dead tuples": 2.0}
"""From the second fifth of the time to the last one, by the medians."""
_FEW_DEAD = 5_000
"""Below it autovacuum has no reason to begin."""


@dataclass(frozen=True, slots=True)
class Sample:
    memory: int
    """Bytes, of all processes of the product."""
    connections: int
    dead: int
    """Tuples."""


def run(plan: Plan) -> Outcome:
    seconds = max(_LEAST_SECONDS, _SECONDS * plan.share)
    with house(plan, delay=_DELAY_SECONDS) as home:
        driver, began = Driver(home.client), time.monotonic()
        faults = int(seconds / _BETWEEN_SECONDS)
        with _sampled(home) as samples, harassed(_mild(home), faults) as told:
            while time.monotonic() - began < seconds:
                if home.ask(_WAITING)[0][0] < _BACKLOG:
                    driver.submit(_BATCH, first=driver.acknowledged)
                time.sleep(0.1)
        home.model.delay_seconds = 0.0
        ended = driver.wait(60.0 + driver.acknowledged / 10)
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    grown = _grown(samples)
    for what, (before, after) in grown.items():
        most = before * _GROWTH[what] + (_FEW_DEAD if what == "dead tuples" else 0)
        found[f"growth of {what}"] = int(after > most)
    found["waits without end"] = int(not ended)
    measured = "; ".join(f"{what} {a:,.0f} → {b:,.0f}" for what, (a, b) in grown.items())
    return Outcome(f"{driver.acknowledged:,} documents", told.count, seconds, found, measured)


def _mild(home: House) -> Callable[[], float]:
    def fault() -> float:
        with suppress(RedisError), home.redis() as broker:
            broker.flushall()
        return _BETWEEN_SECONDS

    return fault


def _grown(samples: Sequence[Sample]) -> dict[str, tuple[float, float]]:
    """Medians of the second and of the last fifth. Memory in MiB."""
    fifth = len(samples) // 5
    parts = samples[fifth : 2 * fifth], samples[-fifth:]

    def medians(of: Callable[[Sample], int]) -> tuple[float, float]:
        first, last = (statistics.median(of(one) for one in part) for part in parts)
        return first, last

    return {
        "memory": medians(lambda one: one.memory // 2**20),
        "connections": medians(lambda one: one.connections),
        "dead tuples": medians(lambda one: one.dead),
    }


@contextmanager
def _sampled(home: House) -> Iterator[list[Sample]]:
    samples: list[Sample] = []
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(_LOOK_SECONDS):
            ((connections,),), ((dead,),) = home.ask(_CONNECTIONS), home.ask(_DEAD)
            memory = sum(_resident(pid) for kind in _MEASURED for pid in home.pids(kind))
            samples.append(Sample(memory, connections, dead))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        ending.set()
        thread.join()


def _resident(pid: int) -> int:
    """Bytes in memory; 0 for a process that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


ROW = Row(
    "R17",
    "ten minutes of steady load, Redis emptied every 10 s",
    "memory, connections and dead tuples level",
    run,
    (
        Mutation(
            "a worker keeps what it has read",
            "workers.inference.remote",
            '        """At temperature 0, several at once; `prefix` is left out.',
            '        self.__dict__.setdefault("kept", []).append(b"x" * 2**20)\n'
            '        """At temperature 0, several at once; `prefix` is left out.',
        ),
    ),
)
