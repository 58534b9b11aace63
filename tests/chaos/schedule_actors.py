"""Who plays in a schedule: workers, clients, a dispatcher; each calls what the product ships."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4

from celery import Celery
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.batches.cancel import cancel_batch
from shared.batches.idempotency import HeldKey, give_up, reserve
from shared.batches.retry import retry_batch
from shared.batches.spool import Spool
from shared.batches.submit import submit_batch
from shared.batches.sweep import sweep_ended
from shared.database import Database
from shared.documents.complete import Failed, complete
from shared.documents.ledger import Claim, claim, heartbeat, release, retry_later
from shared.documents.lost import quarantine, requeue_lost
from shared.errors import EpicrisisError, RequestInFlight
from shared.ids import new_id
from shared.intake.records import Record
from shared.messages import DocumentsQueued
from shared.schemas.batches import BatchParameters
from shared.tables import DocumentContent
from shared.vault import TenantVault
from tests.chaos.schedule_history import MAX_DEATHS
from tests.chaos.turnstile import Crashed, stand
from tests.fixtures.ledger import LEASE, summarized
from workers.dispatch.relay import relay

_BOUNDS: dict[str, Any] = {"lease_seconds": 0.0, "max_deaths": MAX_DEATHS, "limit": 100}
"""As if the database had been up for longer than a lease."""
_PARAMETERS = BatchParameters()


def summary_of(text: str) -> str:
    return f"Summary: {text}"


class Bell:
    """The broker, as far as the relay rings it."""

    def __init__(self) -> None:
        self.waiting: Counter[str] = Counter()

    @property
    def default_channel(self) -> "Bell":
        return self

    @property
    def client(self) -> "Bell":
        return self

    def connection_for_write(self) -> AbstractContextManager["Bell"]:
        return nullcontext(self)

    def llen(self, queue: str) -> int:
        return self.waiting[queue]

    def send_task(self, _name: str, *, queue: str, **_: object) -> None:
        stand("rings the bell")
        self.waiting[queue] += 1


@dataclass
class World:
    """What one schedule is about. `databases`: the engines, by player."""

    databases: dict[str, Database]
    vault: TenantVault
    notes: Sequence[Record]
    bell: Bell = field(default_factory=Bell)
    owners: dict[UUID, str] = field(default_factory=dict)
    """Worker id → player: who starts again after a crash is another worker."""
    batches: list[UUID] = field(default_factory=list)
    """Committed, known to a client or not."""
    unheard: int = 0
    """Commits that no wake-up has followed yet."""
    found: Counter[str] = field(default_factory=Counter)

    def wake(self) -> None:
        """A worker takes its wake-up, if there is one."""
        if self.bell.waiting[DocumentsQueued.queue]:
            self.bell.waiting[DocumentsQueued.queue] -= 1
            self.unheard = 0

    def try_to(self, act: Callable[[], None]) -> None:
        """A refusal is an answer; anything else but a crash must not be."""
        try:
            act()
        except EpicrisisError:
            pass
        except Crashed:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a process dies of is found
            self.found[f"errors: {type(getattr(error, 'orig', error)).__name__}"] += 1


class Worker:
    """Claims and records; `fate` says what comes of what it holds."""

    def __init__(self, world: World, name: str) -> None:
        self._world, self._database = world, world.databases[name]
        self._id = uuid4()
        world.owners[self._id] = name

    def work(self, fate: str, budget: int = 1_000_000) -> int:
        """One micro-batch; returns how many documents it held."""
        self._world.wake()
        with self._database.transaction() as session:
            held = claim(session, self._id, budget=budget, lease_seconds=LEASE)
        if not held:
            return 0
        texts = self._read(held)
        if fate.startswith("renew"):
            with self._database.transaction() as session:
                heartbeat(session, held, LEASE)
        with self._database.transaction(self._world.vault.tenant) as session:
            if fate.endswith("succeed"):
                results = [summarized(one, summary_of(texts[one.document])) for one in held]
                complete(session, self._world.vault, results)
            elif fate == "fail":
                failed = [Failed(one, "broken", "It broke.") for one in held]
                complete(session, self._world.vault, failed)
            elif fate == "retry later":
                retry_later(session, held, pause_seconds=0.0)
            else:
                release(session, held)
        return len(held)

    def _read(self, held: Sequence[Claim]) -> dict[UUID, str]:
        wanted = select(DocumentContent.document_id, DocumentContent.text_sealed).where(
            DocumentContent.document_id.in_([one.document for one in held])
        )
        with self._database.transaction(self._world.vault.tenant) as session:
            rows = session.execute(wanted).all()
        return {
            row: self._world.vault.open(sealed or b"", row=row, field="text")
            for row, sealed in rows
        }


class Client:
    """All clients send the same notes under the same Idempotency-Key."""

    def __init__(self, world: World, name: str) -> None:
        self._world, self._database = world, world.databases[name]
        self._tenant = world.vault.tenant

    def act(self, what: str) -> None:
        if what == "submit":
            self._submit()
        elif self._world.batches:
            self._change(what, self._world.batches[0])

    def _submit(self) -> None:
        vault = self._world.vault
        held = HeldKey(vault.mac("key", purpose="idempotency"), new_id())
        with self._database.transaction(self._tenant) as session:
            reserve(session, self._tenant, held)
        with Spool(vault, _PARAMETERS, memory_bytes=100_000) as spool:
            for note in self._world.notes:
                spool.add(note)
            try:
                with self._database.transaction(self._tenant) as session:
                    batch = submit_batch(session, vault, spool, _PARAMETERS, held)
            except RequestInFlight:
                with self._database.transaction(self._tenant) as session:
                    give_up(session, self._tenant, held)
                raise
        if batch not in self._world.batches:
            self._world.batches.append(batch)
            self._world.unheard += 1
        stand("hears 202")

    def _change(self, what: str, batch: UUID) -> None:
        with self._database.transaction(self._tenant) as session:
            if what == "cancel":
                cancel_batch(session, batch)
            else:
                retry_batch(session, batch, include_quarantined=what == "retry all")
        if what != "cancel":
            self._world.unheard += 1
        stand("hears 200")


class Dispatcher:
    def __init__(self, world: World, name: str = "dispatcher") -> None:
        self._world, self._database = world, world.databases[name]

    def act(self, what: str) -> None:
        if what == "relay":
            relay(self._database, cast("Celery", self._world.bell))
        elif what == "sweep":
            self._in_transaction(partial(sweep_ended, limit=100))
        else:
            self._in_transaction(partial(requeue_lost, **_BOUNDS))
            self._in_transaction(partial(quarantine, **_BOUNDS))

    def _in_transaction(self, chore: Callable[[Session], int]) -> None:
        with self._database.transaction() as session:
            chore(session)
