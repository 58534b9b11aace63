"""From examples to what can be trained on: token ids within limits, and figures about them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import AutoConfig

from workers.inference.weights import target_window, window
from workers.training.codec import Codec
from workers.training.data import (
    Encoded,
    Limits,
    check_usable,
    choose_limits,
    cut,
    encode,
    percentile,
    share_cut,
)
from workers.training.events import Events
from workers.training.examples import Example
from workers.training.job import Job
from workers.training.model import load_tokenizer


@dataclass(frozen=True, slots=True)
class Prepared:
    """`figures`: those of the event `data` and of the outcome."""

    tokenizer: Any
    codec: Codec
    training: list[Encoded]
    validation: list[Encoded]
    limits: Limits
    figures: dict[str, object]


def prepare(job: Job, examples: Sequence[Example], events: Events) -> Prepared:
    """Raises TrainingFailed where nothing usable is left."""
    tokenizer = load_tokenizer(job)
    codec = Codec(job, tokenizer)
    said = _Said(events, len(examples))
    training = encode(codec, _of(examples, "train"), said)
    validation = encode(codec, _validated(job, _of(examples, "validation")), said)
    check_usable(training, validation)
    limits = _limits(job, tokenizer, training)
    sources = [e.source_length for e in training]
    targets = [e.target_length for e in training]
    figures: dict[str, object] = {
        "max_source_length": limits.source,
        "max_target_length": limits.target,
        "source_cut": share_cut(sources, limits.source),
        "target_cut": share_cut(targets, limits.target),
    }
    training, validation = cut(codec, training, limits), cut(codec, validation, limits)
    check_usable(training, validation)
    figures["examples"] = {"train": len(training), "validation": len(validation)}
    events.say(
        "data",
        **figures,
        left_out=len(_of(examples, "train")) - len(training),
        source_tokens=_spread(sources),
        target_tokens=_spread(targets),
    )
    return Prepared(tokenizer, codec, training, validation, limits, figures)


class _Said:
    """Counts over the splits."""

    def __init__(self, events: Events, total: int) -> None:
        self._events, self._total, self._done = events, total, 0

    def __call__(self) -> None:
        self._done += 1
        self._events.step("tokenize", self._done, self._total)


def _limits(job: Job, tokenizer: Any, training: Sequence[Encoded]) -> Limits:  # noqa: ANN401
    config = AutoConfig.from_pretrained(job.base, local_files_only=True, trust_remote_code=False)
    return choose_limits(
        training,
        source=job.hyperparameters.max_source_length,
        target=job.hyperparameters.max_target_length,
        source_window=window(config, tokenizer),
        target_window=target_window(config),
        shared_window=job.base_kind == "decoder",
    )


def _of(examples: Sequence[Example], split: str) -> list[Example]:
    return [example for example in examples if example.split == split]


def _validated(job: Job, examples: list[Example]) -> list[Example]:
    """A few by chance where there are more than are measured: a file has an order of its own."""
    chance = random.Random(job.seed)  # noqa: S311 - to be repeated, not to be secret
    chance.shuffle(examples)
    return examples[: job.hyperparameters.validation_limit]


def _spread(lengths: Sequence[int]) -> dict[str, int]:
    return {"p50": percentile(lengths, 0.5), "p95": percentile(lengths), "max": max(lengths)}
