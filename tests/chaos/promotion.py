"""R18: what is in production changes in the middle of batches, again and again."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from services.client.errors import Conflict
from shared.schemas.registry import PromoteRequest
from tests.chaos.claims import note_claims
from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.parrots import NOTE_TYPE, SENTENCES, add_parrots, parrot_note
from tests.chaos.row import Outcome, Plan, Row

_PROMOTED = (1, 2)
"""Version 3 is there, and never in production."""
_BATCH, _BACKLOG = 100, 300
_BETWEEN_SECONDS = (2.0, 10.0)
_LATE_SECONDS = 5.0
_DELAY_SECONDS = 0.2
_WAITING = "SELECT count(*) FROM documents WHERE status = 'queued'"
_MADE = """
    SELECT CASE WHEN s.route = 'fine_tuned' THEN s.model_version END, c.at
    FROM summaries s JOIN documents d ON d.id = s.document_id
    JOIN chaos.claims c ON c.document = d.id AND c.fence = d.fence
"""
_CHANGES = """
    SELECT v.number, p.at FROM promotions p LEFT JOIN model_versions v ON v.id = p.version_id
    ORDER BY p.id
"""


class Period(NamedTuple):
    """`version`: None while the prompt served."""

    version: str | None
    start: datetime
    end: datetime

    def distance(self, moment: datetime) -> float:
        """Seconds from the moment to the period; 0 within it."""
        return max((self.start - moment).total_seconds(), (moment - self.end).total_seconds(), 0.0)


@dataclass
class Registrar:
    home: House

    def change(self) -> float:
        """Promote, roll back or demote; returns the seconds to leave things alone after it."""
        while not self._changed():
            pass
        return self.home.dice.uniform(*_BETWEEN_SECONDS)

    def _changed(self) -> bool:
        dice, admin = self.home.dice, self.home.admin
        # What would change nothing is refused.
        with suppress(Conflict):
            match dice.choice(("promote", "promote", "rollback", "demote")):
                case "promote":
                    request = PromoteRequest(
                        version=dice.choice(_PROMOTED), reason="chance", override=True
                    )
                    admin.model_registry.promote(NOTE_TYPE, request)
                case "rollback":
                    admin.model_registry.roll_back(NOTE_TYPE, "chance")
                case _:
                    admin.model_registry.demote(NOTE_TYPE, "chance")
            return True
        return False


def run(plan: Plan) -> Outcome:
    changes = plan.of(40, 5)
    with TemporaryDirectory(prefix="epicrisis-parrots-") as folder:
        kept = {
            "EPICRISIS_MODELS": f"{folder}/models",
            "EPICRISIS_ENGINES": f"{folder}/engines",
        }
        with house(plan, workers=2, environment=kept, delay=_DELAY_SECONDS) as home:
            add_parrots(home, Path(folder))
            note_claims(home)
            driver, began = Driver(home.client), time.monotonic()
            with harassed(Registrar(home).change, changes) as told:
                while not told.over.wait(0.1):
                    if home.ask(_WAITING)[0][0] < _BACKLOG:
                        _submit(driver)
            ended = driver.wait(60.0 + driver.acknowledged / 10)
            seconds = time.monotonic() - began
            found = violations(home.ready.database_url, driver.acknowledged) | driver.wrong()
            judged, measured = _judge(home, driver)
    found |= judged
    found["waits without end"] = int(not ended)
    return Outcome(f"{driver.acknowledged:,} documents", told.count, seconds, found, measured)


def _submit(driver: Driver) -> None:
    first = driver.acknowledged
    driver.submit_notes({f"n-{n}": parrot_note(n) for n in range(first, first + _BATCH)})


def _judge(home: House, driver: Driver) -> tuple[dict[str, int], str]:
    made, periods = home.ask(_MADE), _periods(home.ask(_CHANGES))
    late = [
        min((p.distance(at) for p in periods if p.version == version), default=float("inf"))
        for version, at in made
    ]
    found = {
        "summaries by what was not in production": sum(one > _LATE_SECONDS for one in late),
        "summaries by a version that never was": late.count(float("inf")),
        "summaries that another version wrote": sum(_is_foreign(driver, b) for b in driver.texts),
    }
    counts = Counter(version or "the prompt" for version, _ in made)
    shares = ", ".join(f"{count:,} by {version}" for version, count in sorted(counts.items()))
    return found, f"{shares}; {max(late, default=0):.2f} s beside its time in production at most"


def _periods(changes: Sequence[tuple[int | None, datetime]]) -> list[Period]:
    always = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    lines = [(None, always[0]), *changes, (None, always[1])]
    return [
        Period(number and f"models:/{NOTE_TYPE}/{number}", start, end)
        for (number, start), (_, end) in pairwise(lines)
    ]


def _is_foreign(driver: Driver, batch: str) -> int:
    """How many of its summaries do not say what the version that they name says."""
    said = {f"models:/{NOTE_TYPE}/{n}": one for n, one in enumerate(SENTENCES, start=1)}
    return sum(
        line.summary is not None
        and (made := line.summary.produced_by).route == "fine_tuned"
        and line.summary.text != said[made.model_version or ""]
        for line in driver.client.results(batch)
    )


ROW = Row(
    "R18",
    "promotion, rollback and demotion in the middle of batches, × 40",
    "0/0; each summary by what was in production at its claim, 5 s more or less",
    run,
    (
        Mutation(
            "a worker keeps to what it once found in production",
            "workers.summarization.tasks",
            "    production, splits = production_models(session), running_splits(session)\n",
            "    production = globals().setdefault('_found', production_models(session))\n"
            "    splits = running_splits(session)\n",
        ),
    ),
)
