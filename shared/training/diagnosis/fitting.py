"""Overfitting and underfitting: the loss of what is learned beside that of what is not."""

from dataclasses import dataclass

from shared.training.diagnosis.curves import Curve
from shared.training.diagnosis.finding import Finding, Knobs

_RISEN = 0.03
"""Relative to the lowest validation loss: less is the noise of a small validation sample."""
_GAP = 0.3
"""Of the validation loss."""
_WIDENED = 2.0
_STILL_FALLING = 0.02
"""Relative, over the last third of the run."""
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Losses:
    """Both losses at the same steps."""

    train: Curve
    validation: Curve

    @property
    def enough(self) -> bool:
        return min(len(self.train), len(self.validation)) >= _FEWEST

    @property
    def gaps(self) -> tuple[float, float]:
        """Validation less training loss: at the first measurement of both, and at the last."""
        first, last = self.train.steps[0], self.train.steps[-1]
        return self._gap(first), self._gap(last)

    def _gap(self, step: int) -> float:
        train, validation = self.train.at(step), self.validation.at(step)
        return 0.0 if train is None or validation is None else validation - train


def find_overfitting(losses: Losses, knobs: Knobs) -> Finding | None:
    """The validation loss rises while the training loss falls, or the two have come far apart."""
    if not losses.enough:
        return None
    return _risen(losses, knobs) or _apart(losses, knobs)


def find_underfitting(losses: Losses, knobs: Knobs) -> Finding | None:
    """Both losses were still falling at the end: there was more to be had."""
    if not losses.enough:
        return None
    fell = {name: _fall(curve) for name, curve in _named(losses)}
    if min(fell.values()) < _STILL_FALLING or _validation_rose(losses) > 0:
        return None
    said = " and ".join(
        f"the {name} loss by {100 * share:.1f} %, to {curve.values[-1]:.3f}"
        for (name, curve), share in zip(_named(losses), fell.values(), strict=True)
    )
    return Finding(
        f"Over the last third of the run {said}: it was stopped before it had learned what it can.",
        f"Train longer ({knobs['num_train_epochs']} or {knobs['max_steps']}), or raise "
        f"{knobs['learning_rate']}{_more_room(knobs)}.",
        "underfitting",
    )


def _risen(losses: Losses, knobs: Knobs) -> Finding | None:
    rose = _validation_rose(losses)
    validation, train = losses.validation, losses.train
    best = validation.steps[validation.lowest]
    before, after = train.at(best), train.values[-1]
    if rose < _RISEN or before is None:
        return None
    if after >= before:
        return Finding(
            f"Both losses rose after step {best:,}: validation by {100 * rose:.1f} % to "
            f"{validation.values[-1]:.3f}, training from {before:.3f} to {after:.3f}.",
            f"Lower {knobs['learning_rate']}, or warm up longer ({knobs['warmup_ratio']}).",
            "unstable",
        )
    return Finding(
        f"The validation loss was lowest at step {best:,} ({min(validation.values):.3f}) and rose "
        f"by {100 * rose:.1f} % to {validation.values[-1]:.3f}, while the training loss fell from "
        f"{before:.3f} to {after:.3f}: from that step on it learned its examples by heart.",
        _against_overfitting(knobs),
        "overfitting",
    )


def _apart(losses: Losses, knobs: Knobs) -> Finding | None:
    first, last = losses.gaps
    validation = losses.validation
    wide = last > _GAP * validation.values[-1] and last > _WIDENED * max(first, 0.0)
    if not wide or _fall(validation) >= _STILL_FALLING:
        return None
    return Finding(
        f"The gap between validation and training loss grew from {first:.3f} to {last:.3f}, and "
        "the validation loss falls no more: what it still learns does not carry over.",
        _against_overfitting(knobs),
        "overfitting",
    )


def _against_overfitting(knobs: Knobs) -> str:
    smaller = f"lower {knobs['lora_r']}" if knobs.method == "lora" else "use `method` lora"
    dropout = "lora_dropout" if knobs.method == "lora" else "dropout"
    return (
        f"Raise {knobs['weight_decay']} or {knobs[dropout]}, train fewer epochs "
        f"({knobs['num_train_epochs']}), {smaller}, or bring more examples."
    )


def _more_room(knobs: Knobs) -> str:
    return f", or give it more room: raise {knobs['lora_r']}" if knobs.method == "lora" else ""


def _validation_rose(losses: Losses) -> float:
    """From its lowest value to its last, relative to the lowest."""
    values = losses.validation.values
    return (values[-1] - min(values)) / min(values) if min(values) > 0 else 0.0


def _fall(curve: Curve) -> float:
    """Relative, over the last third of the measurements; at least over the last."""
    before = curve.values[-1 - max(1, len(curve) // 3)]
    return (before - curve.values[-1]) / before if before > 0 else 0.0


def _named(losses: Losses) -> tuple[tuple[str, Curve], ...]:
    return (("training", losses.train), ("validation", losses.validation))
