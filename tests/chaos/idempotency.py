"""R7: each body is sent several times at once under one key, while the API is killed."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import httpx2

from shared.ids import parse_id
from tests.chaos.driver import Driver, note
from tests.chaos.harass import harassed
from tests.chaos.house import House, house, until
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row

_DOCUMENTS = 2
_RETRIES = (3, 10)
_AT_ONCE = 12
_PAUSE_SECONDS = 0.2
_LATEST_SECONDS = 0.3
"""Of a kill after the progress that it waits for: anywhere in a request."""
_ACCEPTED, _MISMATCH = 202, 422
_PASSING = frozenset({409, 429, 503})
_ENVIRONMENT = {"EPICRISIS_REQUESTS_PER_MINUTE": "1000000"}
_BATCHES = "SELECT id FROM batches"
Notes = dict[str, str]


@dataclass
class Keys:
    """What came of each key's requests."""

    home: House
    http: httpx2.Client
    batches: dict[str, set[str]] = field(default_factory=dict)
    """Key → the batches that its 202s named."""
    mismatches: Counter[int] = field(default_factory=Counter)
    """Status → how often another body under a used key was answered so."""
    answers: Counter[str] = field(default_factory=Counter)
    """What a request got that was sent again."""

    def submit(self, key: str, notes: Notes) -> None:
        answer = self.answer(key, notes)
        if answer.status_code == _ACCEPTED:
            self.batches.setdefault(key, set()).add(answer.json()["id"])

    def contradict(self, key: str) -> None:
        self.mismatches[self.answer(key, {"other": note(0)}).status_code] += 1

    def answer(self, key: str, notes: Notes) -> httpx2.Response:
        """The first that is not passing; sent again until then."""
        lines = [json.dumps({"custom_id": name, "text": text}) for name, text in notes.items()]
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": key}
        while True:
            try:
                answer = self.http.post("/v1/batches", content="\n".join(lines), headers=headers)
            except httpx2.TransportError as error:
                self.answers[type(error).__name__] += 1
            else:
                self.answers[str(answer.status_code)] += 1
                if answer.status_code not in _PASSING:
                    return answer
            time.sleep(_PAUSE_SECONDS)

    def killer(self, keys: int, kills: int) -> Callable[[], float]:
        """Spread over the work, each at a random moment of some request."""
        marks = [keys * number // (kills + 1) for number in range(kills, 0, -1)]

        def kill() -> float:
            mark = marks.pop()
            until(lambda: len(self.batches) >= mark)
            time.sleep(self.home.dice.uniform(0, _LATEST_SECONDS))
            self.home.kill("api")
            return 0.0

        return kill


def run(plan: Plan) -> Outcome:
    submits, kills = plan.of(1_000, 60), plan.of(20, 3)
    with house(plan, workers=2, environment=_ENVIRONMENT) as home, _http(home) as http:
        keys, driver, began = Keys(home, http), Driver(home.client), time.monotonic()
        notes = {f"key-{n}": _notes(n) for n in range(submits)}
        with (
            harassed(keys.killer(submits, kills), kills) as told,
            ThreadPoolExecutor(_AT_ONCE) as threads,
        ):
            each = [(key, notes[key]) for key in notes for _ in range(home.dice.randint(*_RETRIES))]
            list(threads.map(lambda one: keys.submit(*one), each))
            list(threads.map(keys.contradict, notes))
        for key, batches in keys.batches.items():
            driver.texts[min(batches)] = notes[key]
        ended = driver.wait()
        seconds = time.monotonic() - began
        found = violations(home.ready.database_url, submits * _DOCUMENTS) | driver.wrong()
        found |= _judge(keys, submits)
    found["waits without end"] = int(not ended)
    measured = ", ".join(f"{count:,} × {what}" for what, count in sorted(keys.answers.items()))
    work = f"{submits:,} keys, {len(each):,} concurrent requests"
    return Outcome(work, told.count, seconds, found, measured)


def _http(home: House) -> httpx2.Client:
    return httpx2.Client(
        base_url=home.started.api_url,
        headers={"Authorization": f"Bearer {home.started.api_key}"},
        timeout=30.0,
        trust_env=False,
    )


def _notes(number: int) -> Notes:
    return {f"n-{n}": note(n) for n in range(number * _DOCUMENTS, (number + 1) * _DOCUMENTS)}


def _judge(keys: Keys, submits: int) -> dict[str, int]:
    there: set[UUID] = {row[0] for row in keys.home.ask(_BATCHES)}
    named = {parse_id("batch", one) for batches in keys.batches.values() for one in batches}
    known = {str(status) for status in (_ACCEPTED, _MISMATCH, *_PASSING)}
    return {
        "keys without a batch": submits - len(keys.batches),
        "keys of several batches": sum(len(one) > 1 for one in keys.batches.values()),
        "batches that no answer named": len(there - named),
        "batches answered with 202 and not there": len(named - there),
        "other bodies taken for the same": submits - keys.mismatches[_MISMATCH],
        "answers that tell a client nothing": sum(
            count for what, count in keys.answers.items() if what.isdigit() and what not in known
        ),
    }


ROW = Row(
    "R7",
    "3 to 10 concurrent retries on each of 1,000 keys, the API killed × 20",
    "one batch a key; every 202 is durable; another body is 422",
    run,
    (
        Mutation(
            "a key that was used is forgotten",
            "shared.batches.idempotency",
            "    return row.batch_id\n\n\ndef point_key",
            "    return None\n\n\ndef point_key",
        ),
        Mutation(
            "bodies under one key are not compared",
            "shared.batches.idempotency",
            "row.body_mac != body_mac:",
            "row.body_mac is None:",
        ),
    ),
)
