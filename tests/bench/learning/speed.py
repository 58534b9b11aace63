"""Real tokens a second of the product's run and of the plain loop, in turns.

The plain loop's batches all have one shape, so that its speed is examples a second times the mean
length of an example. The product's batches differ: each turn is another seed's first ones, and a
turn's speed is all its tokens over all their time. First steps, which warm up, do not count.
"""

import statistics
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from shared.training.resolve import Precision
from tests.bench.learning.bases import make_bart
from tests.bench.learning.plain import PlainLoop, longest, mean_tokens
from tests.bench.learning.product import Heard, make_job, prepared, train
from workers.training.examples import Example
from workers.training.prepare import Prepared

TURNS = 5
PLAIN_EXAMPLES = 8
"""Of a batch: what the Trainer of transformers takes where nothing is asked for."""
_OURS = 4
_WAYS: tuple[tuple[str, Precision], ...] = (("float32", "float32"), ("bf16", "bf16"))
_SHAPE: dict[str, Any] = {"words": 8_000, "rows": 50_264, "layers": (6, 3), "width": 384}
_KNOBS: dict[str, Any] = {"max_source_length": 1_024, "max_target_length": 128}
"""BART's window, and the usual length of a summary in transformers' own example scripts."""

Speeds = dict[str, list[float]]
"""Of each turn, by `plain float32`, `ours bf16`, …."""


def measure(examples: Sequence[Example]) -> tuple[Speeds, str]:
    """Also what the batches of the plain loop look like, in words."""
    speeds: Speeds = {}
    with tempfile.TemporaryDirectory() as folder:
        texts = [text for e in examples for text in (e.source, e.target)]
        base = make_bart(Path(folder, "base"), texts, **_SHAPE)
        given = prepared(make_job(base, examples, seed=1, **_KNOBS), examples)
        for turn in range(TURNS):
            for name, precision in _WAYS:
                # One of everything before the first turn counts.
                plain, ours = f"plain {name}", f"ours {name}"
                speeds.setdefault(plain, []).append(_plain(base, given, examples, precision))
                work = Path(folder, f"{name}-{turn}")
                speeds.setdefault(ours, []).append(_ours(work, base, examples, precision, turn))
    return speeds, _described(given)


def spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):,.2f} ({min(values):,.2f} to {max(values):,.2f})"


def _plain(base: Path, given: Prepared, examples: Sequence[Example], precision: Precision) -> float:
    job = make_job(base, examples, seed=1, **_KNOBS)
    loop = PlainLoop(job, given, PLAIN_EXAMPLES, 2, bf16=precision == "bf16")
    _, seconds = loop.seconds(2)
    return PLAIN_EXAMPLES * mean_tokens(given.training) / seconds


def _ours(
    work: Path, base: Path, examples: Sequence[Example], precision: Precision, seed: int
) -> float:
    knobs = _KNOBS | {"max_steps": _OURS + 1, "precision": precision, "validation_limit": 1}
    return _speed(train(work, make_job(base, examples, seed=seed, **knobs), examples))


def _speed(heard: Heard) -> float:
    """Of all steps but the first: what the run itself says of each, by the time that it took."""
    said = {point["step"]: (at, point) for at, point in reversed(heard.points)}
    times = [said[step][0] for step in sorted(said)]
    taken = [after - before for before, after in pairwise(times)]
    rates = [said[step][1]["tokens_per_second"] for step in sorted(said)][1:]
    tokens = sum(rate * seconds for rate, seconds in zip(rates, taken, strict=True))
    return tokens / sum(taken)


def _described(given: Prepared) -> str:
    source, target = longest(given.training)
    mean = mean_tokens(given.training)
    return (
        f"{len(given.training)} examples of {mean:.0f} tokens on average; the plain loop pads "
        f"{PLAIN_EXAMPLES} at a time to {source:,} + {target}, {(source + target) / mean:.1f} "
        "times as many"
    )
