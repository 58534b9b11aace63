"""From a job and its prepared examples to the weights of its best step."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from transformers import GenerationConfig, Seq2SeqTrainingArguments

from workers.training.batches import Packing, Step, plan_steps
from workers.training.checkpoints import Checkpoints, Progress
from workers.training.events import Events
from workers.training.failures import Stopped
from workers.training.job import Job
from workers.training.lifeline import StopSignal
from workers.training.model import add_lora, check_vocabulary, freeze, load_base, trainable
from workers.training.prepare import Prepared
from workers.training.trainer import Run, SummaryTrainer
from workers.training.validate import generation_config, summary_scores, validation_loss

_VALIDATIONS = 6
Precision = Literal["float32", "bf16"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """`generation`: how the model is to be asked."""

    progress: Progress
    generation: GenerationConfig
    planned_steps: int
    eval_steps: int
    precision: Precision
    parameters: int
    trainable_parameters: int


def fit(
    job: Job, prepared: Prepared, checkpoints: Checkpoints, events: Events, stop: StopSignal
) -> Fitted:
    """Raises Stopped and TrainingFailed."""
    precision = choose_precision(job)
    events.step("load", 0, 1)
    model = load_base(job, torch.float32)
    check_vocabulary(model, prepared.tokenizer)
    parameters = sum(p.numel() for p in model.parameters())
    model = _adapted(job, model, precision)
    generation = generation_config(
        model, prepared.codec, prepared.limits.target, job.hyperparameters.num_beams
    )
    events.step("load", 1, 1)
    arguments = _arguments(job, precision, checkpoints)
    steps = _steps(job, prepared, arguments.world_size)
    arguments = _scheduled(arguments, job, len(steps))
    eval_steps = job.hyperparameters.eval_steps or math.ceil(len(steps) / _VALIDATIONS)
    run = _run(job, prepared, generation, steps, eval_steps)
    if arguments.process_index == 0:
        checkpoints.clear()
    trainer = SummaryTrainer(model, arguments, run, checkpoints, events, lambda: stop.is_set)
    try:
        progress = trainer.fit()
    except Stopped:
        raise Stopped(trainer.progress.step) from None
    return Fitted(
        progress,
        generation,
        len(steps),
        eval_steps,
        precision,
        parameters,
        sum(p.numel() for p in trainable(model).values()),
    )


def choose_precision(job: Job) -> Precision:
    """`auto`: bf16 where the processor multiplies it natively."""
    asked = job.hyperparameters.precision
    if asked != "auto":
        return asked
    if job.device == "cuda":
        native = torch.cuda.is_bf16_supported()
    else:
        native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - torch has no public name for it
    return "bf16" if native else "float32"


def _adapted(job: Job, model: Any, precision: Precision) -> Any:  # noqa: ANN401
    if job.method == "full":
        freeze(model, job)
        return model
    if precision == "bf16":
        # The base only reads: its float32 form waits on disk for the merge.
        model = model.to(torch.bfloat16)
    return add_lora(model, job.hyperparameters)


def _steps(job: Job, prepared: Prepared, processes: int) -> list[Step]:
    knobs = job.hyperparameters
    return plan_steps(
        [(len(e.source), len(e.target)) for e in prepared.training],
        _packing(job),
        job.seed,
        epochs=knobs.num_train_epochs,
        max_steps=knobs.max_steps,
        accumulation=knobs.gradient_accumulation_steps,
        processes=processes,
    )


def _packing(job: Job) -> Packing:
    knobs = job.hyperparameters
    joined = job.base_kind == "decoder"
    return Packing(knobs.token_budget, knobs.per_device_train_batch_size, joined)


def _run(
    job: Job,
    prepared: Prepared,
    generation: GenerationConfig,
    steps: list[Step],
    eval_steps: int,
) -> Run:
    knobs = job.hyperparameters
    return Run(
        steps=steps,
        examples=prepared.training,
        pad_id=prepared.codec.pad_id,
        joined=prepared.codec.is_chat,
        smoothing=knobs.label_smoothing,
        eval_steps=eval_steps,
        save_steps=knobs.save_steps,
        stopping=knobs.early_stopping,
        measure=_measure(job, prepared, generation),
    )


def _measure(
    job: Job, prepared: Prepared, generation: GenerationConfig
) -> Callable[[Any, Callable[[], bool]], dict[str, float]]:
    packing, sample = _packing(job), prepared.validation[: job.hyperparameters.validation_sample]

    def measure(model: Any, stop: Callable[[], bool]) -> dict[str, float]:  # noqa: ANN401
        codec = prepared.codec
        loss = validation_loss(model, codec, prepared.validation, packing, stop)
        if not sample:
            return {"validation_loss": loss}
        learned = (example.reference for example in prepared.training)
        scores = summary_scores(model, codec, sample, generation, stop, learned)
        return {"validation_loss": loss, **scores}

    return measure


def _arguments(
    job: Job, precision: Precision, checkpoints: Checkpoints
) -> Seq2SeqTrainingArguments:
    knobs = job.hyperparameters
    return Seq2SeqTrainingArguments(
        output_dir=str(checkpoints.folder),
        use_cpu=job.device == "cpu",
        bf16=precision == "bf16",
        seed=job.seed,
        learning_rate=knobs.learning_rate,
        lr_scheduler_type=knobs.lr_scheduler_type,
        optim=knobs.optim,
        weight_decay=knobs.weight_decay,
        adam_beta1=knobs.adam_beta1,
        adam_beta2=knobs.adam_beta2,
        adam_epsilon=knobs.adam_epsilon,
        max_grad_norm=knobs.max_grad_norm,
        per_device_train_batch_size=1,
        num_train_epochs=1,
        eval_strategy="no",
        save_strategy="no",
        logging_strategy="no",
        logging_nan_inf_filter=False,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )


def _scheduled(
    arguments: Seq2SeqTrainingArguments, job: Job, steps: int
) -> Seq2SeqTrainingArguments:
    arguments.max_steps = steps
    arguments.warmup_steps = math.ceil(job.hyperparameters.warmup_ratio * steps)
    return arguments
