"""Every knob of a run: what stands where nothing was asked for, and what contradicts."""

from typing import Any

import pytest

from shared.errors import InvalidInput
from shared.schemas.hyperparameters import Hyperparameters
from shared.training.resolve import BaseKind, Method, Resolved, resolve


def resolved(
    method: Method = "lora",
    kind: BaseKind = "decoder",
    examples: int = 1_000,
    **asked: Any,  # noqa: ANN401
) -> Resolved:
    return resolve(Hyperparameters(**asked), method, kind, examples)


@pytest.mark.parametrize(
    ("method", "kind", "expected"),
    [
        ("lora", "decoder", (5e-4, 2.0, 1_024, 0.0, 1)),
        ("lora", "encoder_decoder", (5e-4, 2.0, 4_096, 0.1, 4)),
        ("full", "decoder", (1e-4, 3.0, 1_024, 0.0, 1)),
        ("full", "encoder_decoder", (5e-5, 3.0, 4_096, 0.1, 4)),
    ],
)
def test_defaults_follow_method_and_base(
    method: Method, kind: BaseKind, expected: tuple[float, ...]
) -> None:
    knobs = resolved(method, kind)
    assert expected == (
        knobs.learning_rate,
        knobs.num_train_epochs,
        knobs.token_budget,
        knobs.label_smoothing,
        knobs.num_beams,
    )
    assert knobs.max_steps is knobs.per_device_train_batch_size is None


def test_lora_has_its_own_knobs_and_full_has_none_of_them() -> None:
    def lora(**asked: Any) -> tuple[object, ...]:  # noqa: ANN401
        knobs = resolved(**asked)
        return knobs.lora_r, knobs.lora_alpha, knobs.lora_dropout

    assert lora() == (16, 32, 0.05)
    assert lora(lora_r=4) == (4, 8, 0.05)
    assert lora(lora_r=4, lora_alpha=4, lora_dropout=0.0) == (4, 4, 0.0)
    assert lora(method="full") == (None, None, None)


@pytest.mark.parametrize(
    ("examples", "epochs"), [(0, 10), (100, 10), (300, 7), (1_000, 2), (50_000, 2)]
)
def test_few_examples_are_seen_more_often(examples: int, epochs: float) -> None:
    assert resolved(examples=examples).num_train_epochs == epochs


def test_what_was_asked_for_stands() -> None:
    asked = {
        "learning_rate": 2e-5,
        "max_steps": 7,
        "per_device_train_batch_size": 3,
        "label_smoothing": 0.0,
        "num_beams": 2,
        "weight_decay": 0.0,
        "max_source_length": 64,
    }
    knobs = resolved("full", "encoder_decoder", **asked)
    assert {name: getattr(knobs, name) for name in asked} == asked
    # The one of each pair that was not asked for stays open.
    assert knobs.num_train_epochs is knobs.token_budget is None


@pytest.mark.parametrize(
    ("method", "kind", "knob", "why"),
    [
        ("full", "decoder", {"lora_r": 8}, "knob of LoRA"),
        ("full", "decoder", {"lora_alpha": 8}, "knob of LoRA"),
        ("full", "decoder", {"lora_dropout": 0.0}, "knob of LoRA"),
        ("lora", "encoder_decoder", {"freeze": "embeddings"}, "LoRA freezes the whole base"),
        ("lora", "decoder", {"freeze_layers": 2}, "LoRA freezes the whole base"),
        ("full", "decoder", {"freeze": "encoder"}, "the base has none"),
    ],
)
def test_a_knob_that_would_do_nothing_is_refused_by_its_name(
    method: Method, kind: BaseKind, knob: dict[str, Any], why: str
) -> None:
    (name,) = knob
    with pytest.raises(InvalidInput, match=f"{name} .*{why}") as refused:
        resolved(method, kind, **knob)
    assert refused.value.error_code == "contradictory_hyperparameters"
    assert refused.value.param == f"hyperparameters.{name}"
    assert refused.value.how_to_fix is not None


def test_an_encoder_may_be_frozen_where_there_is_one() -> None:
    knobs = resolved("full", "encoder_decoder", freeze="encoder", freeze_layers=1)
    assert (knobs.freeze, knobs.freeze_layers) == ("encoder", 1)
