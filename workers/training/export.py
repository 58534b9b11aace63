"""The trained model as a directory in Hugging Face layout, LoRA merged into the base."""

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import GenerationConfig

from workers.training.codec import PLAIN_CHAT
from workers.training.job import Job
from workers.training.model import add_lora, base_dtype, load_base


def export(
    job: Job,
    weights: Path,
    tokenizer: Any,  # noqa: ANN401 - transformers ships no types
    config: GenerationConfig,
    destination: Path,
) -> None:
    """Write safetensors in the base's arithmetic, config, generation_config and tokenizer.

    Merged in float32 into the base as it was, whatever it was trained in. `destination` appears
    whole or not at all.
    """
    model = load_base(job, torch.float32)
    if job.method == "lora":
        model = add_lora(model, job.hyperparameters)
    _put(model, weights)
    if job.method == "lora":
        model = model.merge_and_unload()
    model.generation_config = config
    model.config.use_cache = True
    partial = destination.with_name(f".{destination.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.to(base_dtype(job)).save_pretrained(partial)
    if job.base_kind == "decoder" and tokenizer.chat_template is None:
        tokenizer.chat_template = PLAIN_CHAT
    tokenizer.save_pretrained(partial)
    shutil.rmtree(destination, ignore_errors=True)
    os.rename(partial, destination)  # noqa: PTH104 - Path.rename says the same, less plainly


def _put(model: Any, weights: Path) -> None:  # noqa: ANN401
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in load_file(weights).items():
            own[name].copy_(value)
