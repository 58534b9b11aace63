"""R10: batches are cancelled at random moments, also while the dispatcher stands still."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from services.client.errors import Conflict
from shared.ids import parse_id
from tests.chaos.claims import claims, note_claims
from tests.chaos.driver import Driver
from tests.chaos.harass import harassed
from tests.chaos.house import House, house
from tests.chaos.mutations import Mutation
from tests.chaos.oracle import violations
from tests.chaos.row import Outcome, Plan, Row

_USERS, _DOCUMENTS = 5, 40
_DELAY_SECONDS = 0.5
_LATEST_SECONDS = 2.5
"""Of a cancel after its batch was submitted: by then most of it still waits."""
_CLAIMED_WITHIN = timedelta(seconds=1)
_FROZEN_SECONDS, _THAWED_SECONDS = 3.0, 1.5
_END_SECONDS = 20.0
_LOOK_SECONDS = 0.1
_SUCCEEDED = "SELECT batch_id, finished_at FROM documents WHERE status = 'succeeded'"
_CANCELLED = "SELECT id FROM documents WHERE status = 'cancelled'"


@dataclass
class User:
    """Submits, cancels and looks until it has ended, again and again; one thread."""

    driver: Driver
    dice: Random
    first: int
    """Number of the first note: no two users send the same."""
    cancelled: dict[UUID, datetime] = field(default_factory=dict)
    """When the cancel was answered."""
    ended: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Batch → its results when it was `cancelled` first."""
    longest: float = 0.0
    """Seconds from a cancel's answer to the batch's end."""
    documents: int = 0
    """That were cancelled, as the batches say."""

    def cancel_one(self) -> None:
        (batch,) = self.driver.submit(_DOCUMENTS, first=self.first + self.driver.acknowledged)
        time.sleep(self.dice.uniform(0, _LATEST_SECONDS))
        with suppress(Conflict):  # It was done already.
            self.driver.client.cancel(batch)
            began = time.monotonic()
            self.cancelled[parse_id("batch", batch)] = datetime.now(UTC)
            while not self.driver.is_done(batch) and time.monotonic() - began < _END_SECONDS:
                time.sleep(_LOOK_SECONDS)
            self.longest = max(self.longest, time.monotonic() - began)
            self.ended[batch] = self.results(batch)
            self.documents += self.driver.batch(batch).request_counts.cancelled

    def results(self, batch: str) -> list[tuple[int, str]]:
        return [(line.seq, line.status) for line in self.driver.client.results(batch)]


def run(plan: Plan) -> Outcome:
    wanted = plan.of(200, 20)
    with house(plan, delay=_DELAY_SECONDS) as home:
        note_claims(home)
        users = [User(Driver(home.client), Random(plan.seed + n), n * 10**6) for n in range(_USERS)]
        began = time.monotonic()

        def freeze() -> float:
            _freeze_dispatcher(home)
            return _THAWED_SECONDS

        def work(user: User) -> None:
            while user.longest < _END_SECONDS and _count(users) < wanted:
                user.cancel_one()

        with harassed(freeze, wanted), ThreadPoolExecutor(_USERS) as threads:
            list(threads.map(work, users))
        ended = all(user.driver.wait(_END_SECONDS) for user in users)
        seconds = time.monotonic() - began
        found, measured = _judge(home, users)
    found["waits without end"] = int(not ended)
    done, cancels = sum(u.driver.acknowledged for u in users), sum(len(u.ended) for u in users)
    return Outcome(f"{done:,} documents", cancels, seconds, found, measured)


def _count(users: list[User]) -> int:
    return sum(len(user.cancelled) for user in users)


def _freeze_dispatcher(home: House) -> None:
    """What waits is parked by the claim then, and by nobody else."""
    pid = home.kill("dispatcher", signal.SIGSTOP)
    time.sleep(_FROZEN_SECONDS)
    os.kill(pid, signal.SIGCONT)


def _judge(home: House, users: list[User]) -> tuple[dict[str, int], str]:
    found: dict[str, int] = {}
    for user in users:
        for what, count in user.driver.wrong().items():
            found[what] = found.get(what, 0) + count
    cancelled = {batch: at for user in users for batch, at in user.cancelled.items()}
    found |= violations(
        home.ready.database_url,
        sum(user.driver.acknowledged for user in users),
        cancelled=sum(user.documents for user in users),
    )
    made = list(claims(home))
    late = [one.at - cancelled[one.batch] for one in made if one.batch in cancelled]
    found["claimed more than 1 s after the cancel"] = sum(one > _CLAIMED_WITHIN for one in late)
    found["results accepted after the cancel"] = sum(
        batch in cancelled and at > cancelled[batch] for batch, at in home.ask(_SUCCEEDED)
    )
    found["results that changed after the batch's end"] = sum(
        user.results(batch) != results for user in users for batch, results in user.ended.items()
    )
    longest = max(user.longest for user in users)
    found["cancels without an end"] = int(longest > _END_SECONDS)
    begun = {one.document for one in made}
    discarded = sum(document in begun for (document,) in home.ask(_CANCELLED))
    last = max([one.total_seconds() for one in late], default=0.0)
    measured = (
        f"{discarded} discarded while they ran; claimed {max(last, 0.0):.2f} s after a cancel at "
        f"most; ended {longest:.1f} s after it at most"
    )
    return found, measured


ROW = Row(
    "R10",
    "200 cancels at random moments, the dispatcher standing still at times",
    "nothing claimed > 1 s after it, no result after the cancel is final",
    run,
    (
        Mutation(
            "a claim does not look at the batch",
            "shared.documents.ledger",
            "(SELECT b.status = 'in_progress' AND b.expires_at > now() AS live)",
            "(SELECT true AS live)",
        ),
        Mutation(
            "a result does not look at the batch",
            "shared.batches.finish",
            '    if batch.status == "cancelling":\n',
            "    if False:\n",
        ),
        Mutation(
            "nobody sweeps what was queued",
            "workers.dispatch.main",
            "unswept = sweep(database)",
            "unswept = False",
        ),
    ),
)
