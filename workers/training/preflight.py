"""The process that looks at a run before it trains: lengths, steps, memory, pace.

    python -m workers.training.preflight WORK_DIR [--memory]

It reads what `workers/training/run.py` reads, and says one line of JSON on stdout: `Looked`, or
with `--memory` only its memory; or the event `failed` as the trainer says it. Loads no
weights.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM
from transformers.utils import logging

from shared.config import TrainingSettings
from workers.inference.weights import window
from workers.training.batches import Packing, Step, plan_steps
from workers.training.capacity import available_memory
from workers.training.events import Events
from workers.training.examples import read_examples
from workers.training.failures import TrainingFailed
from workers.training.fit import choose_precision
from workers.training.job import Job
from workers.training.lifeline import hold_on
from workers.training.looked import Looked
from workers.training.model import add_lora
from workers.training.prepare import prepare

_PACE_SECONDS = 0.3
_PACE_ROWS = 512


def look(folder: Path) -> Looked:
    """Raises TrainingFailed."""
    job = Job.model_validate_json((folder / "job.json").read_bytes())
    key = TrainingSettings().run_key
    secret = bytes.fromhex(key.get_secret_value()) if key else b""
    prepared = prepare(job, read_examples(folder / "examples.sealed", secret), Events(None))
    config = AutoConfig.from_pretrained(job.base, local_files_only=True, trust_remote_code=False)
    precision = choose_precision(job)
    sizes = [(len(e.source), len(e.target)) for e in prepared.training]
    knobs = job.hyperparameters
    joined = job.base_kind == "decoder"
    packing = Packing(knobs.token_budget, knobs.per_device_train_batch_size, joined)
    steps = plan_steps(
        sizes,
        packing,
        job.seed,
        epochs=knobs.num_train_epochs,
        max_steps=knobs.max_steps,
        accumulation=knobs.gradient_accumulation_steps,
    )
    hidden = _first(config, "hidden_size", "d_model")
    return Looked(
        examples={
            "train": len(prepared.training),
            "validation": len(prepared.validation),
        },
        sources=[e.source_length for e in prepared.training],
        targets=[e.target_length for e in prepared.training],
        max_source_length=prepared.limits.source,
        max_target_length=prepared.limits.target,
        window=window(config, prepared.tokenizer),
        steps=len(steps),
        tokens=sum(sum(sizes[i]) for step in steps for batch in step.batches for i in batch),
        longest=max(map(sum, sizes)),
        **_largest(steps, sizes, packing),
        **_count(job, config),
        layers=_layers(config),
        hidden=hidden,
        vocabulary=_first(config, "vocab_size"),
        precision=precision,
        **_memory(job),
        operations_per_second=_pace(job, hidden, precision),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    events = Events.on_stdout()
    hold_on(given.folder / "lifeline")
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        if given.memory:
            job = Job.model_validate_json((given.folder / "job.json").read_bytes())
            events.say("memory", **_memory(job))
        else:
            looked = look(given.folder)
            events.say(**looked.model_dump())
    except TrainingFailed as failure:
        events.say(
            "failed",
            code=failure.error_code,
            message=failure.detail,
            how_to_fix=failure.how_to_fix,
        )
        return 1
    return 0


def _largest(steps: list[Step], sizes: list[tuple[int, int]], packing: Packing) -> dict[str, int]:
    batches = {batch for step in steps for batch in step.batches}
    return {
        "batch_tokens": max(packing.padded([sizes[i] for i in batch]) for batch in batches),
        "target_tokens": max(sum(sizes[i][1] for i in batch) for batch in batches),
    }


def _count(job: Job, config: Any) -> dict[str, int]:  # noqa: ANN401 - transformers ships no types
    """Parameters, and those that are trained, of a model without weights."""
    loader = AutoModelForCausalLM if job.base_kind == "decoder" else AutoModelForSeq2SeqLM
    with torch.device("meta"):
        model: Any = loader.from_config(config)  # type: ignore[no-untyped-call]
    parameters = sum(p.numel() for p in model.parameters())
    if job.method == "lora":
        model = add_lora(model, job.hyperparameters)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return {"parameters": parameters, "trainable": trained}


def _layers(config: Any) -> int:  # noqa: ANN401
    if not config.is_encoder_decoder:
        return int(config.num_hidden_layers)
    if config.model_type == "encoder-decoder":
        return int(config.encoder.num_hidden_layers + config.decoder.num_hidden_layers)
    encoder = _first(config, "encoder_layers", "num_layers", "num_hidden_layers")
    return encoder + _first(config, "decoder_layers", "num_decoder_layers", "num_hidden_layers")


def _first(config: Any, *names: str) -> int:  # noqa: ANN401
    """Of an EncoderDecoder, its decoder's."""
    part = config.decoder if config.model_type == "encoder-decoder" else config
    return next(int(getattr(part, name)) for name in names if getattr(part, name, None) is not None)


def _memory(job: Job) -> dict[str, int]:
    """What is free on the device now, and what would be if nobody else used it."""
    if job.device == "cuda":
        free, total = torch.cuda.mem_get_info()
        return {"available_bytes": free, "total_bytes": total}
    available = available_memory()
    return {"available_bytes": available, "total_bytes": available}


def _pace(job: Job, hidden: int, precision: str) -> float:
    """Floating-point operations a second in products of the model's size."""
    if job.threads is not None:
        torch.set_num_threads(job.threads)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    rows = torch.ones(_PACE_ROWS, hidden, dtype=dtype, device=job.device)
    weights = torch.ones(hidden, 4 * hidden, dtype=dtype, device=job.device)
    float((rows @ weights)[0, 0])
    began, products = time.perf_counter(), 0
    while (seconds := time.perf_counter() - began) < _PACE_SECONDS:
        float((rows @ weights)[0, 0])
        products += 1
    return products * 2.0 * _PACE_ROWS * hidden * 4 * hidden / seconds


if __name__ == "__main__":
    sys.exit(main())
