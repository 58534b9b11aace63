"""R4: workers, Redis and Postgres are killed in one run."""

import time

from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row
from tests.chaos.workers import NO_SEARCH_FOR_THE_LOST

_DELAY_SECONDS = 0.05
_LONGER = 3.0
"""Than without faults."""


def run(plan: Plan) -> Outcome:
    documents = plan.of(10_000, 300)
    with house(plan, delay=_DELAY_SECONDS) as home:
        undisturbed, _, _ = _measure(home, documents, faults=0)
    with house(plan, delay=_DELAY_SECONDS) as home:
        seconds, told, driver = _measure(home, documents, faults=10**6)
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    found["times longer than three times undisturbed"] = int(seconds > _LONGER * undisturbed)
    measured = f"{seconds / undisturbed:.1f} × the {undisturbed:.0f} s without faults"
    return Outcome(f"{documents:,} documents", told, seconds, found, measured)


def _measure(home: House, documents: int, *, faults: int) -> tuple[float, int, Driver]:
    driver, began = Driver(home.client), time.monotonic()
    with harassed(lambda: _any(home), faults) as told:
        driver.submit(documents)
        driver.wait(300.0 + documents / 5)
    return time.monotonic() - began, told.count, driver


def _any(home: House) -> float:
    dice = home.dice.random()
    if dice < 0.6:
        home.kill("summarization")
        return 2.0
    if dice < 0.8:
        with home.redis() as broker:
            broker.flushall()
        return 1.0
    if dice < 0.9:
        home.take_away("redis", home.dice.uniform(0, 5))
        return 2.0
    home.take_away("postgres", home.dice.uniform(0, 3))
    return home.dice.uniform(5, 10)


ROW = Row(
    "R4",
    "all of R1 to R3 together",
    "0 lost, 0 doubled; at most 3 × the time without faults",
    run,
    (NO_SEARCH_FOR_THE_LOST,),
)
