"""R3: Postgres is killed again and again, and stays away for up to five seconds."""

import time
from dataclasses import dataclass, field

from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house, until
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.probe import Probe, probing
from tests.chaos.row import Outcome, Plan, Row

_AWAY_SECONDS, _BETWEEN_SECONDS = 5.0, (5.0, 20.0)
_BACK_SECONDS = 5.0
_PACE = {"EPICRISIS_LEASE_SECONDS": "3"}
"""So that leases run out while the database is away."""


@dataclass
class Outages:
    """`back`: seconds from the database's return to the API's next good answer, each time."""

    home: House
    probe: Probe
    back: list[float] = field(default_factory=list)

    def outage(self) -> float:
        """One; returns the seconds to leave things alone after it."""
        self.home.take_away("postgres", self.home.dice.uniform(0, _AWAY_SECONDS))
        self.home.ask("SELECT 1")
        returned = time.monotonic()
        until(lambda: self.probe.last_success > returned)
        self.back.append(self.probe.last_success - returned)
        return self.home.dice.uniform(*_BETWEEN_SECONDS)


def run(plan: Plan) -> Outcome:
    documents, outages = plan.of(5_000, 200), plan.of(12, 2)
    with house(plan, delay=0.5, environment=_PACE) as home:
        driver, began = Driver(home.client), time.monotonic()
        with probing(home) as probe:
            away = Outages(home, probe)
            with harassed(away.outage, outages, at_last=lambda: _hurry(home)) as told:
                driver.submit(documents)
                told.over.wait()
                ended = driver.wait(120.0 + documents / 10)
        seconds = time.monotonic() - began
        ((deaths,),) = home.ask("SELECT coalesce(sum(deaths), 0)::int FROM documents")
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
    found["deaths though no worker died"] = deaths
    found["answers other than success and 503 with Retry-After"] = len(probe.bad)
    found["returns that took longer than 5 s"] = sum(one > _BACK_SECONDS for one in away.back)
    found["waits without end"] = int(not ended)
    measured = f"API well {max(away.back, default=0):.1f} s after its return at most"
    return Outcome(f"{documents:,} documents", told.count, seconds, found, measured)


def _hurry(home: House) -> None:
    home.model.delay_seconds = 0.0


NO_503 = Mutation(
    "the database's absence is an error like any other",
    "services.api.errors",
    "for away in (OperationalError, InterfaceError, PoolTimeout):",
    "for away in ():",
)
ROW = Row(
    "R3",
    "SIGKILL of Postgres every 5 to 20 s, away for 0 to 5 s",
    "no acknowledged document lost, 0 doubled; 503 + Retry-After only; well within 5 s",
    run,
    (
        Mutation(
            "a lease that ran out while the database was away is a death",
            "shared.documents.lost",
            "make_interval(secs => :lease)\n",
            "make_interval(secs => :lease * 0)\n",
        ),
        NO_503,
    ),
)
