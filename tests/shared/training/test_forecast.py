"""Memory, time and advice of a run, by arithmetic alone."""

from dataclasses import replace

import pytest

from shared.errors import Conflict
from shared.training.forecast import (
    Plan,
    Shape,
    Spread,
    advise,
    fit_budget,
    forecast_memory,
    forecast_seconds,
    share_above,
    spread_of,
)

SMOLLM2 = Shape(134_515_008, 134_515_008, 30, 576, 49_152)
LORA = replace(SMOLLM2, trainable=4_884_480)
PLAN = Plan(1_024, 256, "adamw_torch", "float32")


def test_full_fine_tuning_needs_what_the_optimizer_keeps() -> None:
    more = forecast_memory(SMOLLM2, PLAN) - forecast_memory(LORA, PLAN)
    assert more == 12 * (SMOLLM2.trainable - LORA.trainable)
    assert forecast_memory(SMOLLM2, replace(PLAN, optimizer="sgd")) < forecast_memory(SMOLLM2, PLAN)


def test_batches_are_halved_until_they_fit() -> None:
    available = forecast_memory(LORA, replace(PLAN, batch_tokens=300, target_tokens=75)) * 10 // 9
    fits = fit_budget(LORA, PLAN, available=available, longest=200)
    assert (fits.batch_tokens, fits.target_tokens) == (256, 64)
    assert fit_budget(LORA, PLAN, available=10**12, longest=200) == PLAN


def test_what_never_fits_is_refused_with_figures() -> None:
    with pytest.raises(Conflict, match=r"needs \d+\.\d GiB .* 0\.5 GiB are available") as refused:
        fit_budget(SMOLLM2, PLAN, available=2**29, longest=200)
    assert refused.value.error_code == "not_enough_memory"


def test_time_follows_the_pace_that_was_measured() -> None:
    slow = forecast_seconds(LORA, 100_000, operations_per_second=1e11, whole=False)
    fast = forecast_seconds(LORA, 100_000, operations_per_second=2e11, whole=False)
    whole = forecast_seconds(LORA, 100_000, operations_per_second=1e11, whole=True)
    assert slow == pytest.approx(2 * fast)
    assert whole == pytest.approx(1.5 * slow)


def test_lengths() -> None:
    assert spread_of(range(1, 101)) == Spread(50, 95, 100)
    assert spread_of([]) == Spread(0, 0, 0)
    assert share_above([1, 2, 3, 4], 3) == 0.25


@pytest.mark.parametrize(
    ("examples", "method", "words"),
    [
        (20, "lora", "a prompt with"),
        (400, "full", "LoRA mostly overfits less"),
        (400, "lora", None),
        (5_000, "lora", "enough for full"),
        (5_000, "full", None),
    ],
)
def test_the_advice_goes_by_the_number_of_examples(
    examples: int, method: str, words: str | None
) -> None:
    advice = advise(
        examples=examples,
        method=method,
        kind="decoder",
        parameters=SMOLLM2.parameters,
        window=2_048,
        source=Spread(200, 400, 900),
        source_cut=0.05,
    )
    assert len(advice) == (words is not None)
    assert words is None or words in advice[0]


def test_the_advice_names_a_window_that_is_too_small() -> None:
    advice = advise(
        examples=1_000,
        method="lora",
        kind="encoder_decoder",
        parameters=SMOLLM2.parameters,
        window=1_024,
        source=Spread(800, 1_500, 4_000),
        source_cut=0.3,
    )
    assert "longer window" in advice[0]
    assert advice[1].startswith("30%")
