"""The loss of validation as the epochs go by, of the plain loop and of the product's run.

Same examples, same weights at the beginning, same schedule; the plain loop has as many examples in
a batch as give it the product's number of steps. What differs is who meets whom in a batch, and the
arithmetic. Each is run with several seeds, so that a difference can be told from chance.
"""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from shared.training.resolve import Precision
from tests.bench.learning.bases import make_bart
from tests.bench.learning.plain import PlainLoop
from tests.bench.learning.product import make_job, prepared, train
from workers.training.batches import Packing, plan_epoch
from workers.training.examples import Example
from workers.training.job import Job
from workers.training.prepare import Prepared
from workers.training.validate import validation_loss

EPOCHS, SEEDS = 4, (1, 2, 3)
_T = 2.776
"""Student's t for two means of three runs each: 4 degrees of freedom, 95 % of both sides."""
_SHAPE: dict[str, Any] = {"words": 2_000, "layers": (2, 2), "width": 128}
_BUDGET = 2_048
_KNOBS: dict[str, Any] = {
    "max_source_length": 192,
    "max_target_length": 48,
    "token_budget": _BUDGET,
    "learning_rate": 1e-3,
    "num_train_epochs": EPOCHS,
}

Curve = list[float]
"""Nats a target token of the validation examples, after each epoch."""


def measure(examples: Sequence[Example]) -> dict[str, list[Curve]]:
    """A curve of each seed, by `plain`, `float32` and `bf16`."""
    curves: dict[str, list[Curve]] = {}
    with tempfile.TemporaryDirectory() as folder:
        texts = [text for e in examples for text in (e.source, e.target)]
        base = make_bart(Path(folder, "base"), texts, **_SHAPE)
        for seed in SEEDS:
            job = make_job(base, examples, seed=seed, **_KNOBS)
            given = prepared(job, examples)
            curves.setdefault("plain", []).append(_plain(job, given))
            for precision in ("float32", "bf16"):
                work = Path(folder, f"{precision}-{seed}")
                curves.setdefault(precision, []).append(
                    _ours(work, base, examples, given, precision, seed)
                )
    return curves


def is_within_noise(one: Sequence[Curve], other: Sequence[Curve]) -> bool:
    """By the last losses: whether chance alone explains their difference (t test, 5 %)."""
    ends = [[curve[-1] for curve in curves] for curves in (one, other)]
    error = sum(statistics.variance(values) / len(values) for values in ends) ** 0.5
    return abs(statistics.mean(ends[0]) - statistics.mean(ends[1])) <= _T * error


def _steps(given: Prepared, seed: int) -> list[int]:
    """Of each epoch."""
    sizes = [(len(e.source), len(e.target)) for e in given.training]
    packing = Packing(_BUDGET, None, joined=False)
    return [len(plan_epoch(sizes, packing, seed, epoch)) for epoch in range(EPOCHS)]


def _plain(job: Job, given: Prepared) -> Curve:
    steps, curve = _steps(given, job.seed), Curve()

    def look(model: Any) -> None:  # noqa: ANN401 - transformers ships no types
        curve.append(_loss(model, given))

    size = -(-len(given.training) // steps[0])
    PlainLoop(job, given, size, sum(steps)).learn(EPOCHS, look)
    return curve


def _ours(  # noqa: PLR0913 - a run and what it is judged by
    work: Path,
    base: Path,
    examples: Sequence[Example],
    given: Prepared,
    precision: Precision,
    seed: int,
) -> Curve:
    """Validated at the step that is nearest to each epoch's end."""
    every = round(sum(_steps(given, seed)) / EPOCHS)
    job = make_job(base, examples, seed=seed, precision=precision, eval_steps=every, **_KNOBS)
    points = [point for _, point in train(work, job, examples).points]
    losses = [point["validation_loss"] for point in points if "validation_loss" in point]
    return [*losses[: EPOCHS - 1], losses[-1]]


@torch.no_grad()
def _loss(model: Any, given: Prepared) -> float:  # noqa: ANN401
    packing = Packing(_BUDGET, None, joined=False)
    return validation_loss(model, given.codec, given.validation, packing, lambda: False)
