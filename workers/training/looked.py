"""What is seen of a run before it trains, and what its supervisor makes of it."""

from typing import Literal

from pydantic import BaseModel

from shared.schemas.training import Forecast, Method, ModelKind, Preflight
from shared.training.forecast import (
    Plan,
    Shape,
    advise,
    fit_budget,
    forecast_memory,
    forecast_seconds,
    share_above,
    spread_of,
)
from shared.training.resolve import Resolved


class Looked(BaseModel):
    """What was seen. Lengths are in tokens, of every training example, before it is cut."""

    event: Literal["looked"] = "looked"
    examples: dict[str, int]
    sources: list[int]
    targets: list[int]
    max_source_length: int
    max_target_length: int
    window: int | None
    steps: int
    tokens: int
    """Of all steps, source and summary, without padding."""
    batch_tokens: int
    """Of the largest forward pass, padded."""
    target_tokens: int
    """Of the forward pass that has most of them."""
    longest: int
    """Tokens of the longest example, after it was cut."""
    parameters: int
    trainable: int
    layers: int
    hidden: int
    vocabulary: int
    precision: Literal["float32", "bf16"]
    available_bytes: int
    """Free on the device now."""
    total_bytes: int
    """Of a GPU, all that it has; on a CPU the same as `available_bytes`."""
    operations_per_second: float


def plan_of(looked: Looked, knobs: Resolved) -> Plan:
    return Plan(looked.batch_tokens, looked.target_tokens, knobs.optim, looked.precision)


def fitted(looked: Looked, knobs: Resolved) -> Resolved:
    """The knobs with the lengths that were chosen, and batches that memory holds.

    Batches are halved, and twice as many of them make a step, so that a step learns from as much.
    Raises Conflict with the figures where none is small enough.
    """
    knobs = knobs.model_copy(
        update={
            "max_source_length": looked.max_source_length,
            "max_target_length": looked.max_target_length,
        }
    )
    plan = plan_of(looked, knobs)
    fits = fit_budget(shape_of(looked), plan, available=looked.total_bytes, longest=looked.longest)
    halvings = 0
    while plan.batch_tokens >> halvings > fits.batch_tokens:
        halvings += 1
    return halved(knobs, halvings)


def halved(knobs: Resolved, times: int) -> Resolved:
    """Batches of a fraction of the size, and as many more of them for one step."""
    update: dict[str, int] = {
        "gradient_accumulation_steps": knobs.gradient_accumulation_steps << times
    }
    if knobs.token_budget is not None:
        update["token_budget"] = max(1, knobs.token_budget >> times)
    if knobs.per_device_train_batch_size is not None:
        update["per_device_train_batch_size"] = max(1, knobs.per_device_train_batch_size >> times)
    return knobs.model_copy(update=update) if times else knobs


def preflight_of(looked: Looked, knobs: Resolved, method: Method, kind: ModelKind) -> Preflight:
    """As the run's answer shows it; `knobs`: those that fit."""
    shape, plan = shape_of(looked), plan_of(looked, knobs)
    plan = fit_budget(shape, plan, available=looked.total_bytes, longest=looked.longest)
    sources, targets = spread_of(looked.sources), spread_of(looked.targets)
    source_cut = share_above(looked.sources, looked.max_source_length)
    seconds = forecast_seconds(
        shape,
        looked.tokens,
        operations_per_second=looked.operations_per_second,
        whole=method == "full",
    )
    return Preflight(
        examples=looked.examples,
        source_cut=source_cut,
        target_cut=share_above(looked.targets, looked.max_target_length),
        source_tokens={"p50": sources.p50, "p95": sources.p95, "max": sources.max},
        target_tokens={"p50": targets.p50, "p95": targets.p95, "max": targets.max},
        forecast=Forecast(
            memory_bytes=forecast_memory(shape, plan),
            available_bytes=looked.available_bytes,
            seconds=round(seconds, 1),
            steps=looked.steps,
            tokens=looked.tokens,
        ),
        advice=advise(
            examples=looked.examples["train"],
            method=method,
            kind=kind,
            parameters=looked.parameters,
            window=looked.window or sources.max,
            source=sources,
            source_cut=source_cut,
        ),
    )


def shape_of(looked: Looked) -> Shape:
    return Shape(
        looked.parameters, looked.trainable, looked.layers, looked.hidden, looked.vocabulary
    )
