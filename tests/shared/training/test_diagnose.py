"""Made curves of known trouble, each told by its name and with its knob."""

from collections.abc import Sequence
from math import exp, inf, nan, sin

import pytest

from shared.schemas.training import TrainingPointAnswer
from shared.training.diagnose import COPIED, diagnose
from shared.training.diagnosis.seeds import SeedScore

STEPS = range(1, 121)
EVERY = 20
KNOBS = {"weight_decay": 0.01, "lora_dropout": 0.05, "lora_r": 16, "learning_rate": 5e-4}


def noise(step: int) -> float:
    """As from batch to batch, but the same each time."""
    return 0.15 * sin(12.9898 * step * step)


def points(
    train: Sequence[float], validation: Sequence[float], rouge: Sequence[float] = ()
) -> list[TrainingPointAnswer]:
    """A training loss at every step, the others at every twentieth."""
    made = []
    for step, loss in zip(STEPS, train, strict=True):
        values: dict[str, float | None] = {"train_loss": loss}
        if step % EVERY == 0:
            place = step // EVERY - 1
            values["validation_loss"] = validation[place]
            if place < len(rouge):
                values["rougeL"] = rouge[place]
        made.append(TrainingPointAnswer(step=step, epoch=step / 40, values=values))
    return made


def falling(low: float = 2.0, pace: float = 25.0, high: float = 3.5) -> list[float]:
    return [low + (high - low) * exp(-step / pace) + noise(step) for step in STEPS]


STEADY = [2.6, 2.3, 2.2, 2.17, 2.16, 2.155]
RISING = [15.0, 18.0, 20.0, 21.0, 21.8, 22.5]


def verdict(found: list[TrainingPointAnswer]) -> str:
    return diagnose(found, method="lora", hyperparameters=KNOBS).verdict


def copying(found: list[TrainingPointAnswer], share: float) -> list[TrainingPointAnswer]:
    """At step 100; by the last it has become worse still."""
    for step, value in ((100, share), (120, 1.0)):
        found[step - 1].values[COPIED] = value
    return found


def test_a_run_that_learned_is_healthy() -> None:
    found = diagnose(points(falling(), STEADY, RISING))
    assert found.verdict == "healthy"
    assert "Validation loss from 2.600 to 2.155" in found.findings[0]
    assert "ROUGE-L of the validation sample from 15.0 to 22.5" in found.findings[1]


def test_a_validation_loss_that_rises_while_the_other_falls_is_overfitting() -> None:
    found = diagnose(
        points(falling(0.4, 40.0), [2.6, 2.3, 2.25, 2.3, 2.4, 2.55]),
        method="lora",
        hyperparameters=KNOBS,
    )
    assert found.verdict == "overfitting"
    assert "lowest at step 60 (2.250) and rose by 13.3 % to 2.550" in found.findings[0]
    for knob in (
        "`weight_decay` (0.01)",
        "`lora_dropout` (0.05)",
        "`num_train_epochs`",
        "lower `lora_r` (16)",
        "more examples",
    ):
        assert knob in found.summary
    full = diagnose(points(falling(0.4, 40.0), [2.6, 2.3, 2.25, 2.3, 2.4, 2.55]))
    assert "`dropout`" in full.summary
    assert "lora_r" not in full.summary


def test_a_gap_that_only_grows_is_overfitting_too() -> None:
    found = diagnose(points(falling(0.4, 40.0), [2.6, 2.3, 2.25, 2.25, 2.25, 2.25]))
    assert found.verdict == "overfitting"
    assert "The gap between validation and training loss grew" in found.findings[0]


def test_two_losses_that_still_fall_are_underfitting() -> None:
    found = diagnose(
        points(falling(1.0, 120.0), [3.3, 3.0, 2.8, 2.6, 2.4, 2.25]),
        method="lora",
        hyperparameters=KNOBS,
    )
    assert found.verdict == "underfitting"
    assert "Train longer" in found.summary
    assert "`learning_rate` (0.0005)" in found.summary


def test_summaries_that_get_no_better_are_a_plateau() -> None:
    found = diagnose(points(falling(), STEADY, [15.0, 21.0, 21.2, 21.1, 21.3, 21.0]))
    assert found.verdict == "plateau"
    assert "21.2 at step 60" in found.findings[0]


def test_leaps_and_divergence_are_unstable_and_noise_is_not() -> None:
    leaping = falling()
    leaping[60] += 3.0
    assert verdict(points(leaping, STEADY, RISING)) == "healthy"
    leaping[90] += 3.0
    found = diagnose(points(leaping, STEADY, RISING), method="lora", hyperparameters=KNOBS)
    assert found.verdict == "unstable"
    assert "steps 61, 91" in found.findings[0]
    assert "Lower `learning_rate` (0.0005)" in found.summary
    away = [loss if step < 80 else loss + (step - 80) / 10 for step, loss in enumerate(falling())]
    assert verdict(points(away, STEADY, RISING)) == "unstable"


def test_two_losses_that_rise_are_no_overfitting() -> None:
    rising = [2.0 + step / 1_000 for step in STEPS]
    found = diagnose(points(rising, [2.6, 2.3, 2.25, 2.3, 2.4, 2.55]))
    assert found.verdict == "unstable"
    assert "Both losses rose after step 60" in found.findings[0]


def test_small_batches_that_differ_much_are_no_leaps() -> None:
    uneven = [2.2 + 1.3 * sin(12.9898 * step * step) for step in STEPS]
    assert verdict(points(uneven, STEADY, RISING)) == "healthy"


@pytest.mark.parametrize(("share", "said"), [(0.3, "copying"), (0.1, "healthy"), (0.01, "healthy")])
def test_training_targets_in_place_of_summaries_are_copying(share: float, said: str) -> None:
    found = diagnose(copying(points(falling(), STEADY, RISING), share), 100)
    assert found.verdict == said
    told = any(f"{100 * share:.0f} % of the summaries" in one for one in found.findings)
    assert told is (share >= 0.05)


def test_the_gravest_leads_and_the_others_follow() -> None:
    losses = [2.6, 2.3, 2.25, 2.3, 2.4, 2.55]
    rouge = [15.0, 21.0, 21.0, 20.0, 20.0, 20.0]
    found = diagnose(copying(points(falling(0.4, 40.0), losses, rouge), 0.4))
    assert found.verdict == "copying"
    assert len(found.findings) == 3
    assert "rose by" in found.findings[1]
    assert "`weight_decay`" in found.findings[1]


def test_the_spread_over_seeds_is_told_with_what_it_means() -> None:
    seeds = [SeedScore(1, 20.0), SeedScore(2, 22.0), SeedScore(3, 24.0)]
    found = diagnose(points(falling(), STEADY, RISING), seeds=seeds)
    assert found.verdict == "healthy"
    assert "Over 3 seeds ROUGE-L is 22.0 on average, from 20.0 to 24.0" in found.findings[-1]
    assert "less than about 4.0" in found.findings[-1]
    alone = diagnose(points(falling(), STEADY, RISING), seeds=[seeds[0], seeds[0]])
    assert not any("seeds" in one for one in alone.findings)
    wide = [SeedScore(1, 10.0), SeedScore(2, 22.0)]
    assert "That is much" in diagnose([], seeds=wide).findings[-1]


def test_too_little_says_so() -> None:
    assert diagnose([]).verdict == "too_short"
    short = [
        TrainingPointAnswer(
            step=1, epoch=0.1, values={"train_loss": 3.0, "validation_loss": 3.0, "rougeL": None}
        )
    ]
    found = diagnose(short)
    assert found.verdict == "too_short"
    assert "`eval_steps`" in found.findings[-1]


def test_what_is_not_finite_is_left_out() -> None:
    broken = [nan if step == 50 else loss for step, loss in enumerate(falling())]
    assert verdict(points(broken, [inf, *STEADY[1:]], RISING)) == "healthy"
