"""What a run will take, before its first step: memory, time, and whether it is worth it.

Memory is counted as in Rajbhandari et al. 2020 ("ZeRO"): weights, gradients and the optimizer's
states, plus what the backward pass keeps of each token (Korthikanti et al. 2022, "Reducing
Activation Recomputation"), the scores over the vocabulary, and the libraries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shared.errors import Conflict

Precision = Literal["float32", "bf16"]
_STATES = {"adamw_torch": 8, "adamw_torch_fused": 8, "adafactor": 1, "sgd": 0}
"""Bytes of the optimizer's states for each trained parameter."""
_LIBRARIES = 600 * 2**20
"""A process that has imported torch and transformers."""
_HIDDEN_A_LAYER = 34
"""Values of the hidden size that a layer keeps for each token."""
_SCORES = 3
"""Copies of the scores over the vocabulary: themselves, their logarithms, their gradient."""
_SHARE = 0.9
"""Of the available memory: a forecast is no measurement."""
_SMALLEST_BUDGET = 64
_FEW, _SOME, _MANY = 50, 300, 3_000
_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a model decides its memory."""

    parameters: int
    trainable: int
    layers: int
    hidden: int
    vocabulary: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a run does: tokens of one forward pass, padded, and those of its summaries."""

    batch_tokens: int
    target_tokens: int
    optimizer: str
    precision: Precision


@dataclass(frozen=True, slots=True)
class Spread:
    """Of the lengths of texts, in tokens."""

    p50: int
    p95: int
    max: int


def forecast_memory(shape: Shape, plan: Plan) -> int:
    """Bytes at the peak of a training step."""
    width = 2 if plan.precision == "bf16" else 4
    weights = 4 * shape.parameters
    if plan.precision == "bf16":
        # Autocast keeps a second copy of the weights in two bytes for the backward pass.
        weights += 2 * shape.parameters
    states = (4 + _STATES[plan.optimizer]) * shape.trainable
    kept = plan.batch_tokens * shape.layers * shape.hidden * _HIDDEN_A_LAYER * width
    scores = plan.target_tokens * shape.vocabulary * 4 * _SCORES
    return weights + states + kept + scores + _LIBRARIES


def fit_budget(shape: Shape, plan: Plan, *, available: int, longest: int) -> Plan:
    """The plan, its batch halved until it fits into `available` bytes.

    `longest`: tokens of the longest example, below which no batch gets. Raises Conflict with the
    figures where not even that fits.
    """
    room = int(available * _SHARE)
    while forecast_memory(shape, plan) > room:
        smaller = replace(
            plan, batch_tokens=plan.batch_tokens // 2, target_tokens=plan.target_tokens // 2
        )
        if smaller.batch_tokens < max(longest, _SMALLEST_BUDGET):
            needed = forecast_memory(shape, plan)
            raise Conflict(
                f"It needs {needed / _GIB:.1f} GiB of memory with batches of {plan.batch_tokens} "
                f"tokens, and {available / _GIB:.1f} GiB are available.",
                code="not_enough_memory",
                how_to_fix="Use LoRA, a smaller base or max_source_length, or a larger machine.",
            )
        plan = smaller
    return plan


def forecast_seconds(
    shape: Shape, tokens: int, *, operations_per_second: float, whole: bool
) -> float:
    """Of training and validating on `tokens`, at the pace that was measured on the device.

    Two operations a parameter and token forward, two for the gradient of what flows through, two
    more for that of the weights (Kaplan et al. 2020); `whole`: all weights are trained. Attention,
    padding and validation take as much again as a quarter.
    """
    operations = (6 if whole else 4) * shape.parameters * tokens
    return 1.25 * operations / operations_per_second


def spread_of(lengths: Sequence[int]) -> Spread:
    """Percentiles by the nearest rank; all zero of nothing."""
    if not lengths:
        return Spread(0, 0, 0)
    ranked = sorted(lengths)

    def at(percent: int) -> int:
        return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]

    return Spread(at(50), at(95), ranked[-1])


def share_above(lengths: Sequence[int], limit: int) -> float:
    """Of the texts, those that are cut off at `limit` tokens."""
    return sum(length > limit for length in lengths) / len(lengths) if lengths else 0.0


def advise(  # noqa: PLR0913 - what an advice depends on
    *,
    examples: int,
    method: str,
    kind: str,
    parameters: int,
    window: int,
    source: Spread,
    source_cut: float,
) -> list[str]:
    """In words: which method and base fit the number of examples, and what to look at."""
    return [
        *_advise_method(examples, method),
        *_advise_base(examples, kind, parameters, window, source),
        *_advise_length(source_cut, window, source),
    ]


def _advise_method(examples: int, method: str) -> list[str]:
    if examples < _FEW:
        return [
            (
                f"{examples} training examples are few: a prompt with the best of them mostly "
                "does better than a model trained on them; from about 50 on LoRA is worth it."
            )
        ]
    if examples < _MANY and method == "full":
        return [
            (
                f"With {examples} training examples LoRA mostly overfits less than full "
                f"fine-tuning, which pays from about {_MANY} on."
            )
        ]
    if examples >= _MANY and method == "lora":
        return [f"{examples} training examples are enough for full fine-tuning, too (`full`)."]
    return []


def _advise_base(
    examples: int, kind: str, parameters: int, window: int, source: Spread
) -> list[str]:
    advice = []
    if examples < _SOME and parameters > 500_000_000:  # noqa: PLR2004 - half a billion
        advice.append(
            f"{examples} examples for {parameters / 1e6:.0f} million parameters: a smaller base, "
            "or one of your own versions of a like note type, learns more from them."
        )
    if kind == "encoder_decoder" and source.p95 > window:
        advice.append(
            f"5 of 100 sources have more than {source.p95} tokens and the base reads {window}: "
            "a base with a longer window (LED, a decoder) sees their ends."
        )
    return advice


def _advise_length(source_cut: float, window: int, source: Spread) -> list[str]:
    if source_cut <= 0.1:  # noqa: PLR2004 - a tenth
        return []
    longest = min(source.max, window)
    return [
        f"{source_cut:.0%} of the sources are cut off; max_source_length={longest} reads "
        + ("all of them." if source.max <= window else "what the base can.")
    ]
