"""R14: the schema goes a step down and up again while documents are summarized."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house
from tests.chaos.mutations import Mutation, environment
from tests.chaos.oracle import violations
from tests.chaos.probe import probing
from tests.chaos.row import Outcome, Plan, Row
from tests.fixtures.processes import superuser_url

_TRIES, _BETWEEN_SECONDS = 10, (0.5, 3.0)


@dataclass
class Steps:
    """`again`: how often a migration gave up, since somebody held a table, and was tried again."""

    home: House
    mutation: Mutation | None
    again: int = 0
    failed: list[str] = field(default_factory=list)
    longest: float = 0.0
    """Seconds of one migration."""

    def down_and_up(self) -> float:
        """Once; returns the seconds to leave things alone after it."""
        for step in (("downgrade", "-1"), ("upgrade", "head")):
            self._patiently(*step)
        return self.home.dice.uniform(*_BETWEEN_SECONDS)

    def drift(self) -> int:
        """1 where the tables of the code are not those of the database."""
        return int(self.alembic("check").returncode != 0)

    def alembic(self, *command: str) -> subprocess.CompletedProcess[str]:
        url = {"EPICRISIS_DATABASE_URL": superuser_url(self.home.home, self.home.started)}
        given = {**os.environ, **url, **environment(self.mutation)}
        line = [sys.executable, "-m", "alembic", *command]
        return subprocess.run(line, env=given, check=False, capture_output=True, text=True)

    def _patiently(self, *step: str) -> None:
        for _ in range(_TRIES):
            began = time.monotonic()
            done = self.alembic(*step)
            self.longest = max(self.longest, time.monotonic() - began)
            if done.returncode == 0:
                return
            if "LockNotAvailable" not in done.stderr:
                break
            self.again += 1
        self.failed.append(" ".join(step))


def run(plan: Plan) -> Outcome:
    rounds, fewest = plan.of(30, 3), plan.of(2_000, 200)
    with house(plan, delay=0.1) as home:
        driver, began = Driver(home.client), time.monotonic()
        steps = Steps(home, plan.mutation)
        with probing(home) as probe:
            with harassed(steps.down_and_up, rounds) as told:
                driver.submit(fewest)
                while not told.over.wait(0.5):
                    driver.submit(20, first=driver.acknowledged)
            ended = driver.wait(120.0 + driver.acknowledged / 10)
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
        ((deaths,),) = home.ask("SELECT coalesce(sum(deaths), 0)::int FROM documents")
        found["drifts"] = steps.drift()
    found["migrations that failed"] = len(steps.failed)
    found["answers other than success"] = probe.unavailable + len(probe.bad)
    found["errors for the client"] = sum(driver.refused.values())
    found["deaths of workers"] = deaths
    found["waits without end"] = int(not ended)
    measured = f"{steps.again} tried again, {steps.longest:.1f} s each at most"
    return Outcome(f"{driver.acknowledged:,} documents", told.count, seconds, found, measured)


ROW = Row(
    "R14",
    "the latest migration down and up under load, × 30",
    "no error, no drift",
    run,
    (
        Mutation(
            "an index of the tables that no migration makes",
            "shared.tables.documents",
            'Index("ix_documents_custom_id", "tenant_id", "custom_id_mac")',
            'Index("ix_documents_custom_id", "tenant_id", "custom_id_mac", "id")',
        ),
    ),
)
