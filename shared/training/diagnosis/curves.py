"""The curves of a run: what its points say of one measure, in the order of their steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean, median

from shared.schemas.training import TrainingPointAnswer

TRAIN_LOSS = "train_loss"
VALIDATION_LOSS = "validation_loss"
ROUGE = "rougeL"
LEARNING_RATE = "learning_rate"


@dataclass(frozen=True, slots=True)
class Curve:
    """`values[i]` was measured after optimizer step `steps[i]`; all of them are finite."""

    steps: tuple[int, ...]
    values: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.steps)

    def at(self, step: int) -> float | None:
        """The last value up to this step; None before the first."""
        known = [value for one, value in zip(self.steps, self.values, strict=True) if one <= step]
        return known[-1] if known else None

    @property
    def lowest(self) -> int:
        """The place of the lowest value, the first of them."""
        return self.values.index(min(self.values))


def curve_of(points: Sequence[TrainingPointAnswer], measure: str) -> Curve:
    """The finite values of one measure."""
    found = [
        (point.step, value)
        for point in sorted(points, key=lambda point: point.step)
        if (value := point.values.get(measure)) is not None and isfinite(value)
    ]
    return Curve(tuple(step for step, _ in found), tuple(value for _, value in found))


def smooth(curve: Curve, steps: Sequence[int]) -> Curve:
    """The mean of the values between each of `steps` and the one before it.

    The loss of one batch says as much about the batch as about the model; a step without a value
    before it is left out.
    """
    means, kept, before = [], [], -1
    for step in steps:
        between = [
            value
            for one, value in zip(curve.steps, curve.values, strict=True)
            if before < one <= step
        ]
        if between:
            kept.append(step)
            means.append(fmean(between))
        before = step
    return Curve(tuple(kept), tuple(means))


def spikes(
    curve: Curve, *, window: int = 15, factor: float = 1.5, spread: float = 6.0
) -> list[int]:
    """Steps at which the value leaps above its neighbours before it.

    Above `factor` times the median of the `window` values before it, and further from that median
    than `spread` times their median absolute deviation, so that a curve of small noisy batches
    has none.
    """
    found = []
    for place in range(window, len(curve)):
        before = curve.values[place - window : place]
        middle = median(before)
        deviation = median(abs(value - middle) for value in before)
        value = curve.values[place]
        if value > factor * middle and value - middle > spread * deviation:
            found.append(curve.steps[place])
    return found
