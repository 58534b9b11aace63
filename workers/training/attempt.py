"""One claim of a run, from its examples to a model: prepare, train, and what the claim leaves.

What was done before the claim is not done again: the preflight stands in the ledger, checkpoints
and the finished model in the work folder.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared import leases
from shared.config import HomeSettings, TrainingSettings
from shared.database import Database
from shared.leases import Lease
from shared.logs import describe, get_logger
from shared.schemas.training import Preflight, StepName
from shared.storage import Storage
from shared.tables import TrainingRun
from shared.training.ledger import asked_of, note_checkpoint
from shared.training.record import (
    Event,
    Level,
    begin_step,
    forget_points_after,
    record_events,
    record_points,
)
from shared.training.resolve import Resolved, resolve
from shared.vault import Vault
from workers.inference.artifacts import fetch_model
from workers.training.checkpoints import Checkpoints
from workers.training.failures import TrainingFailed
from workers.training.folder import make_folder
from workers.training.job import Job, Outcome
from workers.training.looked import Looked, fitted, preflight_of
from workers.training.place import Place
from workers.training.process import Said, Trainer, python, started
from workers.training.said import Lost, point_of, write_down
from workers.training.task import Task, read_task, seal_task

_log = get_logger()
_LOOK_SECONDS = 1.0
_STOP_SECONDS = {"cancel": 5.0, "pause": 60.0, "stop": 25.0}
"""For a checkpoint after SIGTERM; then SIGKILL, and the checkpoint before it counts. A step under
way ends first. Who cancels wants no checkpoint; a worker is given half a minute to stop."""
_END_SECONDS = 8.0
"""For a process that has said all that it had to say."""
_SILENCE_SECONDS = 1800.0
"""Longer than any step or validation: a process that says nothing for so long hangs."""


class Asked(Exception):
    """Somebody wants the run cancelled or paused."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Stopping(Exception):
    """This worker was told to stop."""

    what = "stop"


class Died(Exception):
    """The process ended without saying why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Waiting(Exception):
    """The device's memory is in use."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__("the device's memory is in use")
        self.needed, self.free = needed, free


@dataclass(frozen=True, slots=True)
class Parts:
    """What an attempt works with."""

    database: Database
    vault: Vault
    store: Storage
    home: HomeSettings
    settings: TrainingSettings
    place: Place
    stopping: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of the training."""

    task: Task
    job: Job
    outcome: Outcome
    model: Path


class Attempt:
    """Every method raises Asked, Stopping, Lost, Died, and EpicrisisErrors that say why not."""

    def __init__(self, parts: Parts, lease: Lease) -> None:
        self._parts = parts
        self._lease = lease
        self._key = b""
        self.folder = make_folder(parts.home.runs, lease.id)

    def train(self) -> Trained:
        """Raises Waiting, too, and StillTraining."""
        self.look()
        checkpoint = Checkpoints(self.folder / "checkpoints").newest()
        if checkpoint is None:
            self.begin("prepare")
        with self._transaction() as session:
            task = read_task(session, self._lease.id)
        parts = self._parts
        base = fetch_model(parts.store, task.origin.artifact, parts.home)
        self._key, counts = seal_task(
            parts.database, parts.vault, self._lease, task, self.folder / "examples.sealed"
        )
        self.look()
        job, total = self._prepare(task, base, counts["train"])
        step = 0 if checkpoint is None else checkpoint[1].step
        got_on = self._got_on(step)
        points = [] if checkpoint is None else checkpoint[1].points
        with self.held() as session:
            if got_on:
                note_checkpoint(session, self._lease)
            forget_points_after(session, self._lease, step)
            record_points(session, self._lease, [point_of(point) for point in points])
            begin_step(session, self._lease, "train", total)
            if checkpoint is not None:
                said = f"It goes on from the checkpoint of step {step}."
                record_events(session, self._lease, [Event("info", "resumed", said)])
        outcome = self._train()
        return Trained(task, job, outcome, self.folder / "model")

    def look(self) -> None:
        """Whether anybody wants something else of this worker than to go on."""
        with self._transaction() as session:
            asked = asked_of(session, self._lease)
        if asked == "lost":
            raise Lost
        if asked is not None:
            raise Asked(asked)
        if self._parts.stopping():
            raise Stopping

    def follow(self, trainer: Trainer, write: Callable[[Sequence[Said]], None]) -> list[Said]:
        """Hear what it says until it ends; returns its last words.

        Raises Died, TrainingFailed.
        """
        held: list[Said] = []
        last: list[Said] = []
        silent_since = time.monotonic()
        try:
            while not trainer.over:
                heard = trainer.hear(_LOOK_SECONDS)
                last = [said for said in heard if "event" in said][-3:] or last
                silent_since = time.monotonic() if heard else silent_since
                if time.monotonic() - silent_since > _SILENCE_SECONDS:
                    trainer.kill()
                held += heard
                try:
                    write(held)
                    held = []
                    self.look()
                except OperationalError as error:
                    # The lease lives as long as the database is away; what was said is kept.
                    _log.warning("training_unrecorded", error=describe(error))
        except (Asked, Stopping) as reason:
            trainer.ask_to_stop()
            deadline = time.monotonic() + _STOP_SECONDS[reason.what]
            while not trainer.over and time.monotonic() < deadline:
                write(trainer.hear(0.2))
            raise
        status = trainer.wait(_END_SECONDS)
        for said in last:
            if said["event"] == "failed":
                raise TrainingFailed(said["code"], said["message"], said["how_to_fix"])
        if status != 0:
            raise Died(status)
        return last

    def _got_on(self, step: int) -> bool:
        """Whether the claim before made a checkpoint, though it may have died before saying so."""
        mark = self.folder / "claimed_at_step"
        before = int(mark.read_text("utf-8")) if mark.exists() else 0
        mark.write_text(str(step), "utf-8")
        return step > before

    def _prepare(self, task: Task, base: Path, examples: int) -> tuple[Job, int]:
        """The job, written for the process, and how many steps it has."""
        with self._transaction() as session:
            run = session.get_one(TrainingRun, self._lease.id)
            before = None if run.preflight is None else Preflight.model_validate(run.preflight)
            resolved = None if run.resolved is None else Resolved.model_validate(run.resolved)
        knobs = resolved or resolve(task.hyperparameters, task.method, task.origin.kind, examples)
        job = self._write_job(task, base, knobs)
        if before is None:
            looked = Looked.model_validate(self.ask("workers.training.preflight"))
            knobs = fitted(looked, knobs)
            before = preflight_of(looked, knobs, task.method, task.origin.kind)
            self._record_preflight(before, job.hyperparameters, knobs)
            job = self._write_job(task, base, knobs)
        self._wait_for_memory(before)
        return job, before.forecast.steps

    def _write_job(self, task: Task, base: Path, knobs: Resolved) -> Job:
        place = self._parts.place
        job = Job(
            base=base,
            base_kind=task.origin.kind,
            method=task.method,
            template=task.origin.template,
            title=task.title,
            hyperparameters=knobs,
            seed=task.seed,
            device=place.kind,
            threads=place.threads,
        )
        (self.folder / "job.json").write_text(job.model_dump_json(), "utf-8")
        return job

    def _record_preflight(self, preflight: Preflight, asked: Resolved, knobs: Resolved) -> None:
        events = []
        if knobs.gradient_accumulation_steps != asked.gradient_accumulation_steps:
            times = knobs.gradient_accumulation_steps // asked.gradient_accumulation_steps
            said = (
                f"The memory that is available ({preflight.forecast.available_bytes / 2**30:.1f} "
                f"GiB) holds no batches of the size asked for: they are 1/{times} of it, and "
                f"{times} times as many make a step."
            )
            events.append(Event("warning", "batch_halved", said))
        events.append(Event("info", "prepared", _sentence(preflight)))
        with self.held() as session:
            leases.write(
                session,
                TrainingRun,
                self._lease,
                preflight=preflight.model_dump(mode="json"),
                resolved=knobs.model_dump(mode="json"),
            )
            record_events(session, self._lease, events)

    def ask(self, module: str, *arguments: str) -> Said:
        """What a process of the run says at its end, without its `event`."""
        argv = python(module, str(self.folder), *arguments)
        with started(argv, self.folder, self._key) as trainer:
            last = self.follow(trainer, lambda _: None)
        if not last:
            raise Died(0)
        return last[-1]

    def _wait_for_memory(self, preflight: Preflight) -> None:
        """Serving is not pushed out of a GPU's memory: the run waits until there is room."""
        if self._parts.place.kind != "cuda":
            return
        free = int(self.ask("workers.training.preflight", "--memory")["available_bytes"])
        if free < preflight.forecast.memory_bytes:
            raise Waiting(preflight.forecast.memory_bytes, free)

    def say(self, level: Level, code: str, message: str) -> None:
        with self.held() as session:
            record_events(session, self._lease, [Event(level, code, message)])

    def begin(self, step: StepName) -> None:
        with self.held() as session:
            begin_step(session, self._lease, step)

    @contextmanager
    def held(self) -> Iterator[Session]:
        """A transaction in which nobody else takes the run. Raises Lost."""
        with self._transaction() as session:
            if not leases.hold(session, TrainingRun, self._lease):
                raise Lost
            yield session

    def _transaction(self) -> AbstractContextManager[Session]:
        return self._parts.database.transaction(self._lease.tenant)

    def _train(self) -> Outcome:
        written = self.folder / "outcome.json"
        argv = python(
            "workers.training.run", str(self.folder), processes=self._parts.place.processes
        )
        with started(argv, self.folder, self._key) as trainer:
            last = self.follow(
                trainer, lambda heard: write_down(self._parts.database, self._lease, heard)
            )
        if not any(said["event"] == "done" for said in last):
            # Somebody else sent it the SIGTERM.
            raise Died(-signal.SIGTERM)
        return Outcome.model_validate_json(written.read_bytes())


def _sentence(preflight: Preflight) -> str:
    forecast, examples = preflight.forecast, preflight.examples
    return (
        f"{examples['train']} examples to learn from and {examples['validation']} to validate "
        f"with: {forecast.steps} steps over {forecast.tokens} tokens, about "
        f"{max(1, round(forecast.seconds / 60))} minutes and "
        f"{forecast.memory_bytes / 2**30:.1f} GiB of memory."
    )
