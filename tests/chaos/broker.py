"""R2: Redis is emptied, killed, frozen and gone for a minute."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from redis import Redis, RedisError

from shared.messages import DocumentsQueued
from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house, until
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.probe import probing
from tests.chaos.row import Outcome, Plan, Row

_FROZEN_SECONDS, _GONE_SECONDS = 20.0, 60.0
_PAUSE_SECONDS = 2.0
_LOOK_SECONDS = 0.5
_SUBMITTED_AT_ONCE, _BACKLOG = 100, 300
_STANDSTILL_SECONDS = 10.0
_WAITING = "SELECT count(*) FROM documents WHERE status = 'queued'"
_BUSY = "SELECT count(DISTINCT worker_id) FROM documents WHERE status = 'running'"
_DONE = "SELECT count(*) FROM documents WHERE status = 'succeeded'"


def run(plan: Plan) -> Outcome:
    with house(plan, delay=0.5) as home:
        driver, began = Driver(home.client), time.monotonic()
        faults = _faults(home, plan)
        # Workers that are busy need no bell; who idles hears of new work when Redis is back.
        driver.submit(_BACKLOG)
        until(lambda: home.ask(_BUSY)[0][0] == len(home.pids("summarization")))

        def fault() -> float:
            faults.pop()()
            return _PAUSE_SECONDS

        with (
            probing(home) as probe,
            _longest_standstill(home) as standstill,
            harassed(fault, len(faults)) as told,
        ):
            while not told.over.wait(_LOOK_SECONDS):
                while home.ask(_WAITING)[0][0] < _BACKLOG:
                    driver.submit(_SUBMITTED_AT_ONCE, first=driver.acknowledged)
            home.model.delay_seconds = 0.0
            driver.wait()
            _lose_a_wake_up(home, driver)
            ended = driver.wait(120.0 + driver.acknowledged / 10)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    found["answers other than success"] = probe.unavailable + len(probe.bad)
    found["errors for the client"] = sum(driver.refused.values())
    found["standstills"] = int(standstill[0] > _STANDSTILL_SECONDS)
    found["waits without end"] = int(not ended)
    measured = f"never longer than {standstill[0]:.1f} s without a result"
    return Outcome(f"{driver.acknowledged:,} documents", told.count, seconds, found, measured)


def _faults(home: House, plan: Plan) -> list[Callable[[], None]]:
    frozen, gone = _FROZEN_SECONDS * min(1, plan.share * 4), _GONE_SECONDS * plan.share

    def flush() -> None:
        with suppress(RedisError), home.redis() as broker:
            broker.flushall()

    def kill() -> None:
        home.kill("redis")

    def freeze() -> None:
        pid = home.kill("redis", signal.SIGSTOP)
        time.sleep(frozen)
        os.kill(pid, signal.SIGCONT)

    def take_away() -> None:
        home.take_away("redis", gone)

    some = [flush] * plan.of(5) + [kill] * plan.of(5) + [freeze] * plan.of(2) + [take_away]
    home.dice.shuffle(some)
    return some


def _lose_a_wake_up(home: House, driver: Driver) -> None:
    """Nobody is busy, something is submitted, and its message is gone before anybody reads it.

    Redis is killed first: it would hand the message to a worker that waits, though that is stopped.
    """
    workers = home.pids("summarization")
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    home.kill("redis")
    driver.submit(_SUBMITTED_AT_ONCE, first=driver.acknowledged)
    with home.redis() as broker:
        until(lambda: _length(broker) > 0)
        broker.flushall()
    for pid in workers:
        os.kill(pid, signal.SIGCONT)


def _length(broker: Redis) -> int:
    with suppress(RedisError):
        return int(broker.llen(DocumentsQueued().queue))
    return 0


@contextmanager
def _longest_standstill(home: House) -> Iterator[list[float]]:
    """Seconds for which no document ended though the queue held some: one number."""
    longest, ending = [0.0], threading.Event()

    def watch() -> None:
        done, since = -1, time.monotonic()
        while not ending.wait(0.25):
            ((now_done,),), ((queued,),) = home.ask(_DONE), home.ask(_WAITING)
            if now_done != done or not queued:
                done, since = now_done, time.monotonic()
            longest[0] = max(longest[0], time.monotonic() - since)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield longest
    finally:
        ending.set()
        thread.join()


ROW = Row(
    "R2",
    "Redis: FLUSHALL × 5, killed × 5, frozen 20 s × 2, gone 60 s; a wake-up lost",
    "0 lost, 0 doubled; a backlog flows; the API answers as ever",
    run,
    (
        Mutation(
            "nobody rings anew for what waits",
            "workers.dispatch.main",
            "            ring_for_unclaimed(database, app)\n",
            "",
        ),
    ),
)
