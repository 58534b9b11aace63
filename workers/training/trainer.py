"""Seq2SeqTrainer with our batches, our loss, and checkpoints that are exact.

For encoder-decoders and decoders alike. transformers gives the optimizer, the schedule, mixed
precision, several processes and the random states; the plan of steps is ours (`batches.py`), made
beforehand, so that a run that resumes goes on with the very batch that would have come next. To the
Trainer the whole run is one epoch.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast_object_list
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader
from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments, TrainerCallback
from transformers.trainer_callback import PrinterCallback

from shared.schemas.hyperparameters import EarlyStopping
from workers.training.batches import Step
from workers.training.checkpoints import WEIGHTS, Checkpoints, Progress
from workers.training.data import Encoded
from workers.training.events import Events
from workers.training.failures import Stopped, TrainingFailed
from workers.training.halving import Halving
from workers.training.memory import is_memory, peak_bytes
from workers.training.model import trainable
from workers.training.objective import Batch, collate, target_loss
from workers.training.stopping import is_better

_SECONDS_BETWEEN_CHECKPOINTS = 120.0
_POINTS = 200
"""Measured in a run, or one a step where it is shorter."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a trainer works on."""

    steps: Sequence[Step]
    examples: Sequence[Encoded]
    pad_id: int
    joined: bool
    smoothing: float
    eval_steps: int
    save_steps: int | None
    stopping: EarlyStopping
    measure: Callable[[Any, Callable[[], bool]], dict[str, float]]
    """(model, whether to stop) → `validation_loss`, `rougeL`, …; raises Stopped."""

    def is_validated(self, step: int) -> bool:
        return step % self.eval_steps == 0 or step == len(self.steps)

    def is_point(self, step: int) -> bool:
        return step % max(1, len(self.steps) // _POINTS) == 0 or self.is_validated(step)

    def tokens(self, step: int) -> int:
        """Source and target of the step that leads there."""
        members = (self.examples[i] for batch in self.steps[step - 1].batches for i in batch)
        return sum(len(e.source) + len(e.target) for e in members)


class SummaryTrainer(Seq2SeqTrainer):
    """`fit` does it all; the rest is what the Trainer asks."""

    def __init__(  # noqa: PLR0913 - the Trainer's own two, and ours
        self,
        model: Any,  # noqa: ANN401
        arguments: Seq2SeqTrainingArguments,
        run: Run,
        checkpoints: Checkpoints,
        events: Events,
        stop: Callable[[], bool],
    ) -> None:
        super().__init__(model=model, args=arguments, callbacks=[_CatchUp(self)])
        self.remove_callback(PrinterCallback)
        self.progress = Progress()
        self._run, self._checkpoints, self._events, self._stop = run, checkpoints, events, stop
        self._core: Any = model
        self._halving = Halving(events)
        self._began = self._saved_at = time.monotonic()
        self._seconds_before = 0.0
        self._spoke = (self._began, 0)

    def fit(self) -> Progress:
        """Train from the newest whole checkpoint, or from the beginning, to the end.

        Raises Stopped once a checkpoint is written after `stop` said so; TrainingFailed for a loss
        that is no number and for a single example that memory cannot hold.
        """
        found = self._checkpoints.newest()
        if found is not None:
            self.progress = found[1]
            self._seconds_before = self.progress.seconds
            self._spoke = (time.monotonic(), self.progress.tokens_seen)
        if not self.progress.finished:
            with contextlib.suppress(_Finished):
                self.train(resume_from_checkpoint=str(found[0]) if found else None)
        return self.progress

    def catch_up(self) -> None:
        """Validate the step of the checkpoint where the run was stopped before that was done."""
        step = self.progress.step
        if step and self.progress.validated < step and self._run.is_validated(step):
            self._validate()
            self._checkpoint()
            if self.progress.finished:
                raise _Finished

    # What the Trainer asks

    def get_train_dataloader(self) -> DataLoader[Any]:
        """One item a step: this process's batches, and the target tokens of all processes'."""
        return DataLoader(
            self._run.steps,  # type: ignore[arg-type] # a sequence is enough
            batch_size=1,
            collate_fn=lambda steps: self._collate(steps[0]),
            # Its own chance, which nothing uses: else each pass would draw from the one that
            # dropout uses.
            generator=torch.Generator(),
        )

    def training_step(
        self, model: torch.nn.Module, inputs: dict[str, Any], _num_items: object = None
    ) -> torch.Tensor:
        """Backward through all batches of a step; too large ones are halved, and again."""
        model.train()
        batches = self._halving.within_memory(inputs["batches"])
        while True:
            try:
                total = self._backward(model, batches, inputs["tokens"])
                break
            except (RuntimeError, MemoryError) as error:
                if not is_memory(error):
                    raise
                model.zero_grad(set_to_none=True)
                batches = self._halving.halve(batches)
        if not bool(torch.isfinite(total)):
            raise TrainingFailed(
                "loss_not_finite",
                f"The loss of step {self.state.global_step + 1} is not a number.",
                "Lower learning_rate, raise warmup_ratio, or set precision to float32.",
            )
        self.progress.losses.append(float(total))
        self.progress.loss_tokens.append(inputs["own_tokens"])
        mean: torch.Tensor = total / inputs["tokens"]
        return mean

    def _maybe_log_save_evaluate(
        self, *_: object, learning_rate: float | None = None, **__: object
    ) -> None:
        """After every step, and once more at the end of what the Trainer takes for an epoch."""
        if self.state.global_step > self.progress.step:
            self._after_step(learning_rate or 0.0)

    def _load_from_checkpoint(
        self,
        resume_from_checkpoint: str,
        model: Any = None,  # noqa: ANN401
    ) -> None:
        own = trainable(model or self._core)
        with torch.no_grad():
            for name, value in load_file(Path(resume_from_checkpoint, WEIGHTS)).items():
                own[name].copy_(value)

    def floating_point_ops(self, _inputs: object) -> int:
        return 0

    def log(self, *_: object, **__: object) -> None:
        """Events say it."""

    # After a step

    def _after_step(self, learning_rate: float) -> None:
        run, progress, step = self._run, self.progress, int(self.state.global_step)
        progress.step = step
        progress.tokens_seen += run.tokens(step)
        if run.is_point(step):
            self._say_point(self._close_interval(learning_rate))
        due, stop = run.is_validated(step), bool(self._agree(self._stop()))
        if due and not stop:
            self._validate()
        self._say_step()
        if due or stop or self._is_time_to_save(step):
            self._checkpoint()
        if stop:
            raise Stopped

    def _validate(self) -> None:
        run, progress = self._run, self.progress
        self._core.eval()
        self._events.step("validate", progress.step, len(run.steps))
        try:
            with self.compute_loss_context_manager():
                measured = self._agree(run.measure(self._core, self._stop))
        except Stopped:
            self._checkpoint()
            raise
        progress.validated = progress.step
        total, tokens = progress.since_validation
        progress.train_loss, progress.since_validation = total / max(tokens, 1), (0.0, 0)
        self._say_point(measured)
        if is_better(run.stopping.metric, measured, progress.best, run.stopping.min_delta):
            progress.best, progress.best_step, progress.without_gain = measured, progress.step, 0
        else:
            progress.without_gain += 1
        patience, over = run.stopping.patience, progress.step == len(run.steps)
        progress.stopped_early = (
            patience is not None and progress.without_gain >= patience and not over
        )
        progress.finished = progress.stopped_early or over
        self.control.should_training_stop |= progress.finished

    def _close_interval(self, learning_rate: float) -> dict[str, float]:
        progress = self.progress
        total, tokens = sum(progress.losses), sum(progress.loss_tokens)
        before, count = progress.since_validation
        progress.since_validation = (before + total, count + tokens)
        progress.losses, progress.loss_tokens = [], []
        return {"train_loss": total / max(tokens, 1), "learning_rate": learning_rate}

    def _say_point(self, values: dict[str, float]) -> None:
        progress = self.progress
        epoch = self._run.steps[progress.step - 1].epoch
        point = {"step": float(progress.step), "epoch": round(epoch, 4), **values}
        if progress.points and progress.points[-1]["step"] == progress.step:
            point = {**progress.points.pop(), **point}
        progress.points.append(point)
        now, (before, seen) = time.monotonic(), self._spoke
        speed = {"seconds": round(self._seconds(), 1)}
        if progress.tokens_seen > seen:
            speed["tokens_per_second"] = round((progress.tokens_seen - seen) / (now - before), 1)
        self._spoke = (now, progress.tokens_seen)
        self._events.say("points", **{**point, "step": progress.step, **speed})

    def _say_step(self) -> None:
        done, total = self.progress.step, len(self._run.steps)
        eta = round(self._seconds() / done * (total - done), 1)
        self._events.step("train", done, total, eta_seconds=eta)

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began

    # Checkpoints

    def _is_time_to_save(self, step: int) -> bool:
        if self._run.save_steps is not None:
            return step % self._run.save_steps == 0
        due = time.monotonic() - self._saved_at >= _SECONDS_BETWEEN_CHECKPOINTS
        return bool(self._agree(due))

    def _checkpoint(self) -> None:
        progress = self.progress
        progress.seconds = self._seconds()
        progress.peak_memory_bytes = max(progress.peak_memory_bytes, peak_bytes())
        staging = self._checkpoints.staging(progress.step)
        staging.mkdir(parents=True, exist_ok=True)
        self._save_rng_state(str(staging))
        if self.is_world_process_zero():
            weights = {n: p.detach().cpu().contiguous() for n, p in trainable(self._core).items()}
            save_file(weights, staging / WEIGHTS)
            for name, part in (("optimizer", self.optimizer), ("scheduler", self.lr_scheduler)):
                state: Any = part
                torch.save(state.state_dict(), staging / f"{name}.pt")
            self.state.save_to_json(str(staging / "trainer_state.json"))
        self.accelerator.wait_for_everyone()
        if self.is_world_process_zero():
            path = self._checkpoints.publish(progress)
            best = progress.best_step == progress.step
            self._events.say("checkpoint", step=progress.step, path=str(path), best=best)
        self.accelerator.wait_for_everyone()
        self._saved_at = time.monotonic()

    # One step's work

    def _collate(self, step: Step) -> dict[str, Any]:
        run, arguments = self._run, self.args
        mine = step.of_rank(arguments.process_index, arguments.world_size)
        return {
            "batches": [
                collate([run.examples[i] for i in batch], run.pad_id, joined=run.joined)
                for batch in mine
            ],
            "tokens": sum(len(run.examples[i].target) for batch in step.batches for i in batch),
            "own_tokens": sum(len(run.examples[i].target) for batch in mine for i in batch),
        }

    def _backward(self, model: Any, batches: Sequence[Batch], tokens: int) -> torch.Tensor:  # noqa: ANN401
        """The loss summed over the target tokens of this process."""
        total = torch.zeros((), device=self.args.device)
        for number, batch in enumerate(batches):
            last = number == len(batches) - 1
            with contextlib.nullcontext() if last else self.accelerator.no_sync(model):
                inputs = {name: value.to(self.args.device) for name, value in batch.items()}
                with self.compute_loss_context_manager():
                    loss = target_loss(model, self._core, inputs, self._run.smoothing)
                # Gradients are averaged over processes; the tokens are those of all of them.
                self.accelerator.backward(loss * self.args.world_size / tokens)
                total += loss.detach()
        return total

    def _agree(self, value: Any) -> Any:  # noqa: ANN401
        """What the first process says, so that all of them do the same."""
        if self.args.world_size == 1:
            return value
        held = [value]
        broadcast_object_list(held)
        return held[0]


class _CatchUp(TrainerCallback):
    """Called when weights and optimizer are as they were."""

    def __init__(self, trainer: SummaryTrainer) -> None:
        self._trainer = trainer

    def on_train_begin(self, *_: object, **__: object) -> None:
        self._trainer.catch_up()


class _Finished(Exception):
    """The validation that was missing was the last."""
