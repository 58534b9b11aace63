"""Schedules by Hypothesis, each played on a database of this process's own.

    python -m tests.chaos.schedule_machine < JSON of an Assignment

prints the JSON of a Report. Run by the row in tests/chaos/schedules.py.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import psycopg
from hypothesis import HealthCheck, Phase, given, seed, settings
from sqlalchemy import make_url

from shared.access.tenants import create_tenant, open_vault
from shared.database import Database, connect
from shared.intake.records import Record
from shared.master_keys import MasterKeys
from shared.vault import TenantVault, Vault
from tests.chaos.schedule_actors import Client, Dispatcher, Worker, World, summary_of
from tests.chaos.schedule_history import NOTE, broken
from tests.chaos.schedule_plot import CLIENTS, WORKERS, Plot, plots
from tests.chaos.turnstile import Crashed, Player, Turnstile, put_before_statements

_CLEAN = (
    "DELETE FROM batches; DELETE FROM lanes; DELETE FROM outbox; DELETE FROM idempotency_keys;"
    "DELETE FROM chaos.history"
)
_TIME_PASSES = """
    UPDATE documents SET lease_expires_at = now() - interval '1 s' WHERE id IN (
        SELECT id FROM documents WHERE status = 'running' FOR UPDATE SKIP LOCKED);
    UPDATE idempotency_keys SET reserved_until = now() - interval '1 s' WHERE key_mac IN (
        SELECT key_mac FROM idempotency_keys FOR UPDATE SKIP LOCKED);
"""
_BATCH_EXPIRES = """
    UPDATE batches SET expires_at = now() - interval '1 s' WHERE id IN (
        SELECT id FROM batches FOR UPDATE SKIP LOCKED)
"""
_OPEN = "SELECT count(*) FROM documents WHERE status IN ('queued', 'running')"
_COUNTS = "SELECT (SELECT count(*) FROM batches), (SELECT count(*) FROM documents)"
_SUMMARIES = """
    SELECT d.id, c.text_sealed, s.id, s.body_sealed FROM summaries s
    JOIN documents d ON d.id = s.document_id JOIN document_contents c ON c.document_id = d.id
"""
_ROUNDS = 12
"""In which a quiet system, of three documents that may lose a worker each, has to be done."""
_VACUUM_EVERY = 200
_SHRINKING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Assignment:
    urls: dict[str, str]
    """By role, and `admin`."""
    seed: int
    schedules: int


@dataclass
class Report:
    schedules: int = 0
    steps: int = 0
    faults: int = 0
    violations: dict[str, int] = field(default_factory=dict)
    """Of the shortest schedule that has any."""
    story: list[str] = field(default_factory=list)
    """That schedule, step by step."""


class Machine:
    """One database, played on again and again."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._admin = psycopg.connect(urls["admin"], autocommit=True)
        self._admin.execute(NOTE)
        self._databases = {
            name: _database(urls["api" if name in CLIENTS else "worker"], name)
            for name in (*WORKERS, *CLIENTS, "dispatcher")
        }
        self._vault = self._new_tenant(urls["migrator"])
        self.report = Report()

    def play(self, plot: Plot) -> None:
        """Raises AssertionError when something is as it must not be."""
        if self.report.schedules % _VACUUM_EVERY == 0:
            self._admin.execute("VACUUM ANALYZE batches, documents, lanes, outbox, chaos.history")
        self._admin.execute(_CLEAN)
        notes = [Record(line=n, text=text, note_type=kind) for n, (text, kind) in plot.notes]
        world, turnstile = World(self._databases, self._vault, notes), Turnstile(self._admin)
        if plot.submitted:
            Client(world, CLIENTS[0]).act("submit")
        for name, acts in plot.programs.items():
            turnstile.enter(name, _program(world, name, acts))
        self._perform(plot, turnstile, world)
        turnstile.run_out()
        self._quieten(world)
        found = self._wrong(world)
        self.report.schedules += 1
        self.report.steps += len(turnstile.trace)
        if found:
            self._remember(found, plot, turnstile.trace)
            raise AssertionError(", ".join(found))

    def _perform(self, plot: Plot, turnstile: Turnstile, world: World) -> None:
        players = {player.name: player for player in turnstile.players}
        for who, count in plot.steps:
            if who in players:
                moved = [turnstile.move(players[who], crash=not count) for _ in range(count or 1)]
                self.report.faults += not count and any(moved)
                continue
            self.report.faults += 1
            turnstile.trace.append(who)
            if who == "the bell rings twice":
                world.bell.waiting["summarization"] += 1
            else:
                self._admin.execute(_TIME_PASSES if who == "leases run out" else _BATCH_EXPIRES)

    def _quieten(self, world: World) -> None:
        """No fault any more: the system goes on until nothing is left to do, as it must be able."""
        dispatcher, worker = Dispatcher(world), Worker(world, WORKERS[0])
        world.try_to(lambda: dispatcher.act("relay"))
        if world.unheard and not world.bell.waiting["summarization"]:
            world.found["commits without a wake-up"] += 1
        for _ in range(_ROUNDS):
            row = self._admin.execute(_OPEN).fetchone()
            if row is None or not row[0]:
                return
            self._admin.execute(_TIME_PASSES)
            for what in ("requeue", "sweep"):
                world.try_to(lambda what=what: dispatcher.act(what))  # type: ignore[misc]
            world.try_to(lambda: _drain(worker))

    def _wrong(self, world: World) -> Counter[str]:
        found = world.found + broken(self._admin, world.owners)
        row = self._admin.execute(_COUNTS).fetchone()
        batches, documents = row or (0, 0)
        found["keys with two batches"] = int(batches > 1)
        found["acknowledged and not there"] = int(len(world.batches) > batches)
        found["batches that are not whole"] = int(documents != batches * len(world.notes))
        for document, text, summary, body in self._admin.execute(_SUMMARIES):
            source = self._vault.open(text, row=document, field="text")
            said = json.loads(self._vault.open(body, row=summary, field="body"))["text"]
            found["summaries of another text"] += said != summary_of(source)
        return +found

    def _remember(self, found: Counter[str], plot: Plot, trace: list[str]) -> None:
        report = self.report
        if not report.story or len(trace) < len(report.story):
            report.violations = dict(found)
            report.story = [
                " ".join(line.split())[:110] for line in (f"{len(plot.notes)} notes", *trace)
            ]

    def _new_tenant(self, url: str) -> TenantVault:
        database, vault = Database(connect(url)), Vault(MasterKeys([os.urandom(32)]))
        with database.transaction() as session:
            tenant = create_tenant(session, vault, "ward-1").id
        with database.transaction(tenant) as session:
            return open_vault(session, vault, tenant)


def _database(url: str, name: str) -> Database:
    """Of one player, whom the history knows by the name of its connection."""
    named = make_url(url).update_query_dict({"application_name": name})
    engine = connect(named.render_as_string(hide_password=False), pool_size=1)
    put_before_statements(engine)
    return Database(engine)


def _program(world: World, name: str, acts: list[str]) -> Callable[[Player], None]:
    """All of `acts`, whatever becomes of each; a crash loses what the player held and knew."""

    def run(player: Player) -> None:
        for act in acts:
            try:
                player.stand(f"begins to {act}")
                world.try_to(lambda act=act: _act(world, name, act))  # type: ignore[misc]
            except Crashed:
                continue

    return run


def _act(world: World, name: str, act: str) -> None:
    if name in WORKERS:
        fate, one = act.removesuffix(" one"), act.endswith(" one")
        Worker(world, name).work(fate, 1 if one else 1_000_000)
    elif name in CLIENTS:
        Client(world, name).act(act)
    else:
        Dispatcher(world).act(act)


def _drain(worker: Worker) -> None:
    while worker.work("succeed"):
        pass


def main() -> None:
    given_ = Assignment(**json.load(sys.stdin))
    machine = Machine(given_.urls)
    found_at: list[float] = []

    @seed(given_.seed)
    @settings(
        max_examples=given_.schedules,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(plots())
    def play(plot: Plot) -> None:
        if found_at and time.monotonic() > found_at[0] + _SHRINKING_SECONDS:
            return
        try:
            machine.play(plot)
        except AssertionError:
            found_at.append(time.monotonic())
            raise

    try:
        play()
    except BaseException as error:
        if not machine.report.story:
            raise
        del error
    print(json.dumps(asdict(machine.report)))


if __name__ == "__main__":
    main()
