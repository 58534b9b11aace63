"""A training worker without its broker: the real drain, the real processes, a tiny random base."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.config import HomeSettings, LedgerSettings, TrainingSettings
from shared.ids import new_id
from shared.schemas.training import TrainingEventAnswer, TrainingRequest, TrainingRunAnswer
from shared.storage import Storage
from shared.tables import Base, TrainingRun
from shared.training.queries import find_run, read_events, read_points, run_answer
from shared.training.submit import submit_run
from tests.factories.models import make_llama
from tests.factories.training import ready_dataset
from tests.fixtures.ledger import Ledger
from tests.fixtures.processes import alive
from workers.presence import Presence
from workers.training.attempt import Parts
from workers.training.folder import LOCK
from workers.training.place import Place
from workers.training.tasks import Drain

SPLITS = ("train",) * 12 + ("validation",) * 3 + ("test",) * 2
QUICK: dict[str, Any] = {
    "max_steps": 6,
    "token_budget": 256,
    "max_target_length": 16,
    "eval_steps": 3,
    "save_steps": 1,
    "validation_sample": 1,
    "precision": "float32",
    "early_stopping": {"patience": None},
}
"""Six steps of a tiny model, a checkpoint after each."""


@dataclass
class Trainings:
    """What a test does to the worker, and what it sees of the runs."""

    ledger: Ledger
    parts: Parts
    presence: Presence
    settings: LedgerSettings
    told_to_stop: bool = False

    def __post_init__(self) -> None:
        self.parts = replace(self.parts, stopping=lambda: self.told_to_stop)

    def add_base(self, name: str, folder: Path) -> None:
        """As if it had been imported."""
        with self.ledger.owner.transaction() as session:
            session.add(
                Base(
                    id=new_id(),
                    tenant_id=self.ledger.tenant,
                    name=name,
                    source=str(folder),
                    status="ready",
                    kind="decoder",
                    architecture="LlamaForCausalLM",
                    artifact=self.parts.store.publish(folder).digest,
                    languages=["en"],
                )
            )

    def submit(self, *, base: str | None = "tiny", method: str = "lora", **knobs: object) -> UUID:
        request = TrainingRequest.model_validate(
            {
                "note_type": "visit",
                "dataset": "visits@1",
                "base_model": base,
                "method": method,
                "hyperparameters": {**QUICK, **knobs},
            }
        )
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            return submit_run(session, self.ledger.tenant, request, default_base=None).id

    def drain(self) -> None:
        """Until nothing waits."""
        Drain(self.parts, self.presence, self.settings).run()

    @contextmanager
    def draining(self) -> Iterator[None]:
        """Beside the test; over at the end of the block, or the test fails."""
        thread = threading.Thread(target=self.drain)
        thread.start()
        try:
            yield
        except BaseException:
            self.told_to_stop = True
            thread.join(timeout=40)
            raise
        thread.join(timeout=60)
        if thread.is_alive():
            self.told_to_stop = True
            thread.join(timeout=40)
            pytest.fail("The worker did not come to an end.")

    def wait_for(self, run: UUID, code: str, times: int = 1) -> None:
        """Until so many events of this code were recorded."""
        deadline = time.monotonic() + 60
        while self.codes(run).count(code) < times:
            assert time.monotonic() < deadline, self.codes(run)
            time.sleep(0.05)

    def wait_for_step(self, run: UUID, step: int) -> None:
        """Until so many optimizer steps were made since it was claimed, and before."""
        deadline = time.monotonic() + 60
        while self.done(run) < step:
            assert time.monotonic() < deadline, self.codes(run)
            time.sleep(0.05)

    def done(self, run: UUID) -> int:
        """Optimizer steps, of the training step."""
        query = f"SELECT done FROM training_runs WHERE id = '{run}' AND step = 'train'"
        return int(self.value(query) or 0)

    def do(self, operation: Callable[[Session, UUID], TrainingRun], run: UUID) -> None:
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            operation(session, run)

    def trainer(self, run: UUID) -> int:
        """The process group of what trains it."""
        return int((self.folder(run) / LOCK).read_text())

    def kill_next(self, run: UUID, killed: Sequence[int]) -> int:
        """SIGKILL what trains it as soon as that is another group than those; returns the group."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            # No number stands there between two of them, and that of one that has ended for a time.
            with suppress(FileNotFoundError, ValueError):
                group = self.trainer(run)
                if group not in killed and alive(group):
                    os.killpg(group, signal.SIGKILL)
                    return group
            time.sleep(0.01)
        raise AssertionError(self.codes(run))

    def folder(self, run: UUID) -> Path:
        return self.parts.home.runs / run.hex

    def run(self, run: UUID) -> TrainingRunAnswer:
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            return run_answer(session, find_run(session, run))

    def events(self, run: UUID) -> list[TrainingEventAnswer]:
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            return read_events(session, run, after=0, limit=1_000)

    def codes(self, run: UUID) -> list[str]:
        return [event.code for event in self.events(run)]

    def points(self, run: UUID) -> dict[int, dict[str, float | None]]:
        with self.ledger.api.transaction(self.ledger.tenant) as session:
            return {point.step: point.values for point in read_points(session, run)}

    def change(self, statement: str) -> None:
        with self.ledger.owner.transaction() as session:
            session.execute(text(statement))

    def value(self, query: str) -> Any:  # noqa: ANN401 - any of a row
        with self.ledger.owner.transaction() as session:
            return session.scalar(text(query))


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_llama(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def trainings(ledger: Ledger, tiny_base: Path, tmp_path: Path) -> Iterator[Trainings]:
    """With the dataset `visits@1` and the base `tiny`, both ready."""
    store = Storage(str(tmp_path / "artifacts"))
    home = HomeSettings(
        home=tmp_path,
        engines=tmp_path / "engines",
        models=tmp_path / "models",
        runs=tmp_path / "runs",
    )
    settings = LedgerSettings()
    ready_dataset(ledger, splits=SPLITS)
    parts = Parts(
        ledger.worker,
        ledger.vault,
        store,
        home,
        TrainingSettings(),
        Place("this-host", "cpu", 1, 1, "float32"),
        lambda: False,
    )
    with Presence(ledger.worker, "training", settings) as presence:
        trainings = Trainings(ledger, parts, presence, settings)
        trainings.add_base("tiny", tiny_base)
        yield trainings
