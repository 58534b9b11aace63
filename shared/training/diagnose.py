"""What the curves of a run say, in words, with the knob to turn."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.schemas.training import Diagnosis, TrainingPointAnswer
from shared.training.diagnosis.copying import find_copying
from shared.training.diagnosis.curves import (
    ROUGE,
    TRAIN_LOSS,
    VALIDATION_LOSS,
    Curve,
    curve_of,
    smooth,
)
from shared.training.diagnosis.finding import ORDER, Finding, Knobs
from shared.training.diagnosis.fitting import Losses, find_overfitting, find_underfitting
from shared.training.diagnosis.plateau import find_plateau
from shared.training.diagnosis.seeds import SeedScore, find_spread
from shared.training.diagnosis.stability import find_instability

COPIED = "copied_targets"
"""Measure of the points: the share of the generated validation sample, 0 to 1, whose summary is of
targets that it was trained on."""
_WORDS = {
    "unstable": "It did not learn steadily.",
    "copying": "It repeats what it was trained on.",
    "overfitting": "It has begun to learn its examples by heart.",
    "underfitting": "It could have learned more.",
    "plateau": "More training of this kind brings no better summaries.",
    "healthy": "It learned, and what it learned carries over to notes that it never saw.",
    "too_short": "There are too few measurements to say how it learned.",
}


def diagnose(
    points: Sequence[TrainingPointAnswer],
    best_step: int | None = None,
    *,
    method: str = "full",
    hyperparameters: Mapping[str, Any] | None = None,
    seeds: Sequence[SeedScore] = (),
) -> Diagnosis:
    """The verdict is that of the gravest finding; the others stand below it.

    `points` as they were measured: `train_loss`, `validation_loss`, `rougeL` in percent and
    `copied_targets`; whatever is missing or not finite is left out. `hyperparameters` as they were
    used. `seeds`: runs that are alike but for the seed, this one among them.
    """
    knobs = Knobs(method, hyperparameters or {})
    train, validation = curve_of(points, TRAIN_LOSS), curve_of(points, VALIDATION_LOSS)
    rouge = curve_of(points, ROUGE)
    losses = Losses(smooth(train, validation.steps), validation)
    found = [
        find_instability(train, knobs),
        find_copying(_copied(points, best_step), knobs),
        find_overfitting(losses, knobs),
        find_underfitting(losses, knobs),
        find_plateau(rouge, knobs),
        find_spread(seeds, knobs),
    ]
    return _told([one for one in found if one is not None], losses, rouge)


def _told(findings: Sequence[Finding], losses: Losses, rouge: Curve) -> Diagnosis:
    graves = {one.verdict: one for one in findings if one.verdict is not None}
    verdict = next((one for one in ORDER if one in graves), None)
    if verdict is None:
        calm = "healthy" if losses.enough else "too_short"
        return Diagnosis(
            verdict=calm,
            summary=_WORDS[calm],
            findings=[*_learned(losses, rouge), *(one.text for one in findings)],
        )
    gravest = graves[verdict]
    others = [one for one in findings if one is not gravest]
    return Diagnosis(
        verdict=verdict,
        summary=f"{_WORDS[verdict]} {gravest.knobs}",
        findings=[gravest.said, *(one.text for one in others)],
    )


def _learned(losses: Losses, rouge: Curve) -> list[str]:
    """From where to where, of what was measured twice at least."""
    said = [
        f"{name} from {curve.values[0]:{form}} to {best(curve.values):{form}} at its best."
        for name, curve, best, form in (
            ("Validation loss", losses.validation, min, ".3f"),
            ("ROUGE-L of the validation sample", rouge, max, ".1f"),
        )
        if len(curve) > 1
    ]
    if not losses.enough:
        said.append("Measure more often (`eval_steps`) or train longer (`max_steps`).")
    return said


def _copied(points: Sequence[TrainingPointAnswer], best_step: int | None) -> float | None:
    """Of the step that is kept, or of the last."""
    curve = curve_of(points, COPIED)
    if not len(curve):
        return None
    return curve.values[-1] if best_step is None else curve.at(best_step)
