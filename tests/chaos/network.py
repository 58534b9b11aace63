"""R6: the network before Postgres falls silent, resets, and breaks around a COMMIT."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.postgres import outside_postgres
from tests.chaos.proxy import Proxy, proxying
from tests.chaos.row import Outcome, Plan, Row

_LEASE_SECONDS = 20.0
"""Longer than a connection that went dark takes to be given up, as in production."""
_BATCH, _PACE_SECONDS, _DELAY_SECONDS = 20, 0.3, 0.2
_PAUSE_SECONDS = (0.3, 1.7)
_SILENCE_SECONDS = (0.5, 4.0)
_FORGOTTEN_SECONDS = 2.0
_COMMIT_WITHIN_SECONDS = 10.0
_OF_ANYBODY, _OF_RESULTS, _OF_A_SUBMISSION = 0, 4_000, 25_000
"""Bytes that a client sends in a transaction, at least."""


@dataclass
class Network:
    """What it does, one fault after another."""

    proxy: Proxy
    dice: Random
    to_do: list[str]
    done: Counter[str] = field(default_factory=Counter)

    def fault(self) -> float:
        """The next one; returns the seconds to leave things alone. OSError if none was possible."""
        kind = self.to_do[-1]
        acts: dict[str, Callable[[], None]] = {
            "resets": self.proxy.reset,
            "silences": lambda: self._silence(self.dice.uniform(*_SILENCE_SECONDS)),
            "silences for ever": lambda: self._silence(_FORGOTTEN_SECONDS, forget=True),
            "cuts before COMMIT": lambda: self._cut(arrived=False),
            "cuts after COMMIT": lambda: self._cut(arrived=True),
        }
        acts[kind]()
        self.done[self.to_do.pop()] += 1
        return self.dice.uniform(*_PAUSE_SECONDS)

    def _silence(self, seconds: float, *, forget: bool = False) -> None:
        self.proxy.go_dark()
        time.sleep(seconds)
        self.proxy.light_up(forget=forget)

    def _cut(self, *, arrived: bool) -> None:
        least = self.dice.choice((_OF_ANYBODY, _OF_RESULTS, _OF_A_SUBMISSION))
        if not self.proxy.cut(arrived=arrived, least=least, seconds=_COMMIT_WITHIN_SECONDS):
            raise TimeoutError("nobody committed")


def run(plan: Plan) -> Outcome:
    environment = {"EPICRISIS_LEASE_SECONDS": str(_LEASE_SECONDS)}
    with outside_postgres() as url, proxying(url) as proxy:
        environment["EPICRISIS_DATABASE_URL"] = proxy.url(url)
        with house(plan, environment=environment, delay=_DELAY_SECONDS) as home:
            driver, began = Driver(home.client), time.monotonic()
            network = Network(proxy, home.dice, _faults(plan, home.dice))
            with harassed(network.fault, len(network.to_do)) as told:
                while not told.over.wait(_PACE_SECONDS):
                    driver.submit(_BATCH, batch=_BATCH, first=driver.acknowledged)
            ended = driver.wait(120.0 + driver.acknowledged / 10)
            seconds = time.monotonic() - began
            found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    found["waits without end"] = int(not ended)
    measured = ", ".join(f"{count} {kind}" for kind, count in sorted(network.done.items()))
    return Outcome(f"{driver.acknowledged:,} documents", told.count, seconds, found, measured)


def _faults(plan: Plan, dice: Random) -> list[str]:
    some = [
        *["resets"] * plan.of(60, 2),
        *["silences"] * plan.of(50, 2),
        *["silences for ever"] * plan.of(10, 1),
        *["cuts before COMMIT"] * plan.of(40, 2),
        *["cuts after COMMIT"] * plan.of(40, 3),
    ]
    dice.shuffle(some)
    return some


ROW = Row(
    "R6",
    "a proxy before Postgres: silence, reset, cut around COMMIT, × 200",
    "0 lost, 0 doubled",
    run,
    (
        Mutation(
            "a key that was used is forgotten",
            "shared.batches.idempotency",
            "    return row.batch_id\n\n\ndef point_key",
            "    return None\n\n\ndef point_key",
        ),
    ),
)
