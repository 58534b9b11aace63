"""The process of one training run: setup, data, fit, export.

    python -m workers.training.run WORK_DIR
    accelerate launch --num_processes N -m workers.training.run WORK_DIR

It knows directories and values; no database, no queue, no network. Started again on the same folder
it resumes from the newest whole checkpoint, and ends with the same bytes as if it had never been
interrupted (on CPU, with the same number of threads).

What it reads
    WORK_DIR/job.json           `workers/training/job.py:Job`
    WORK_DIR/examples.sealed    `workers/training/examples.py`, under EPICRISIS_RUN_KEY (hex)
    WORK_DIR/lifeline           a FIFO, if there is one: the process ends itself at its EOF (86)
What it writes
    WORK_DIR/checkpoints/checkpoint-N   whole or not at all; the newest two and the best
    WORK_DIR/model/             safetensors, tokenizer, config, generation_config, chat template
    WORK_DIR/outcome.json       `workers/training/job.py:Outcome`
Signals
    SIGTERM                     a checkpoint after the step that is being made, then `stopped`
Exit status: 0 `done` or `stopped`, 1 `failed`; any other, or no such event: it was killed.

On stdout stand JSON lines and nothing else, of rank 0 only. Each has `event`:
    step        step (load | tokenize | train | validate | export), done, total, eta_seconds?
    data        examples {split: n}, left_out, max_source_length, max_target_length, source_cut,
                target_cut, source_tokens and target_tokens {p50, p95, max}, steps, tokens
    points      step, epoch, tokens_per_second, seconds, and some of: train_loss, learning_rate,
                validation_loss, rouge1, rouge2, rougeL (points of 100); one step may come twice,
                the second time with all
    checkpoint  step, path, best
    warning     code, message
    stopped     step
    done        best_step, steps, model, outcome
    failed      code, message, how_to_fix
"""

import sys
import traceback
from importlib.metadata import version
from pathlib import Path

import torch
from pydantic import ValidationError
from transformers import set_seed
from transformers.utils import logging

from shared.config import TrainingSettings
from workers.training.checkpoints import WEIGHTS, Checkpoints, Progress
from workers.training.events import Events
from workers.training.examples import Example, read_examples
from workers.training.export import export
from workers.training.failures import Stopped, TrainingFailed
from workers.training.fit import Fitted, fit
from workers.training.job import Job, Outcome
from workers.training.lifeline import StopSignal, hold_on
from workers.training.memory import is_memory, peak_bytes
from workers.training.prepare import prepare

_VERSIONS = ("torch", "transformers", "peft", "accelerate", "tokenizers")


def run(folder: Path, events: Events, stop: StopSignal) -> None:
    """Raises Stopped and TrainingFailed."""
    job, examples = _read(folder)
    _set_up(job)
    prepared = prepare(job, examples, events)
    checkpoints = Checkpoints(folder / "checkpoints")
    fitted = fit(job, prepared, checkpoints, events, stop)
    events.step("export", 0, 1)
    weights = checkpoints.path(fitted.progress.best_step) / WEIGHTS
    if events.speaks:
        export(job, weights, prepared.tokenizer, fitted.generation, folder / "model")
        outcome = _outcome(prepared.figures, fitted)
        (folder / "outcome.json").write_text(outcome.model_dump_json(indent=2), "utf-8")
        events.step("export", 1, 1)
        events.say(
            "done",
            best_step=outcome.best_step,
            steps=outcome.steps,
            model=str(folder / "model"),
            outcome=str(folder / "outcome.json"),
        )


def main() -> int:
    folder, events = Path(sys.argv[1]), Events.on_stdout()
    hold_on(folder / "lifeline")
    stop = StopSignal()
    try:
        run(folder, events, stop)
    except Stopped as stopped:
        events.say("stopped", step=stopped.step)
    except TrainingFailed as failure:
        return _failed(events, failure)
    except Exception as error:  # noqa: BLE001 - whatever it is, its words may hold those of a note
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
        return _failed(events, _unforeseen(error))
    return 0


def _read(folder: Path) -> tuple[Job, list[Example]]:
    key = TrainingSettings().run_key
    try:
        job = Job.model_validate_json((folder / "job.json").read_bytes())
    except (OSError, ValidationError):
        raise TrainingFailed(
            "job_unreadable", "The job's description cannot be read.", "Start the run again."
        ) from None
    secret = bytes.fromhex(key.get_secret_value()) if key else b""
    return job, read_examples(folder / "examples.sealed", secret)


def _set_up(job: Job) -> None:
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if job.threads is not None:
        torch.set_num_threads(job.threads)
    set_seed(job.seed)


def _outcome(figures: dict[str, object], fitted: Fitted) -> Outcome:
    progress: Progress = fitted.progress
    return Outcome.model_validate(
        {
            **figures,
            "best_step": progress.best_step,
            "steps": progress.step,
            "planned_steps": fitted.planned_steps,
            "eval_steps": fitted.eval_steps,
            "train_loss": progress.train_loss,
            "measured": progress.best,
            "points": progress.points,
            "stopped_early": progress.stopped_early,
            "tokens_seen": progress.tokens_seen,
            "seconds": round(progress.seconds, 1),
            "peak_memory_bytes": max(progress.peak_memory_bytes, peak_bytes()),
            "precision": fitted.precision,
            "parameters": fitted.parameters,
            "trainable_parameters": fitted.trainable_parameters,
            "versions": {name: version(name) for name in _VERSIONS},
        }
    )


def _unforeseen(error: Exception) -> TrainingFailed:
    if is_memory(error):
        return TrainingFailed(
            "out_of_memory",
            "The machine has no memory left for the model itself.",
            "Use LoRA, take a smaller base, or a machine with more memory.",
        )
    return TrainingFailed(
        "internal",
        f"The trainer met an error that nobody foresaw: {type(error).__name__}.",
        "Look at the training worker's log, which says where.",
    )


def _failed(events: Events, failure: TrainingFailed) -> int:
    events.say(
        "failed",
        code=failure.error_code,
        message=failure.detail,
        how_to_fix=failure.how_to_fix,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
