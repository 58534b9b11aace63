"""How far a run is, and when it will be over: plain arithmetic over what it says of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.schemas.training import STEPS, StepName

_SHARES: dict[StepName, float] = {"prepare": 4.0, "train": 88.0, "export": 7.0, "register": 1.0}
"""Of the whole, in percent, as a run of an hour on a CPU divides its time."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a run: the step that it is at, and of its `total` parts those that are `done`."""

    step: StepName | None
    done: int
    total: int

    @property
    def percentage(self) -> float:
        """Over all steps."""
        if self.step is None:
            return 0.0
        before = sum(_SHARES[name] for name in STEPS[: STEPS.index(self.step)])
        share = min(self.done / self.total, 1.0) if self.total else 0.0
        return round(before + share * _SHARES[self.step], 1)


def seconds_a_step(clock: Sequence[tuple[int, float]], *, lately: int = 20) -> float | None:
    """The pace of the last measurements; None of fewer than two.

    `clock`: optimizer step and the seconds trained until it, rising. A run that went on from a
    checkpoint counts its seconds anew: only those since then are looked at.
    """
    rising = list(clock[-1:])
    for earlier in reversed(clock[:-1]):
        if earlier[1] >= rising[-1][1] or len(rising) > lately:
            break
        rising.append(earlier)
    (last, until), (first, since) = (rising[0], rising[-1]) if rising else ((0, 0.0), (0, 0.0))
    return (until - since) / (last - first) if last > first else None


def completion(progress: Progress, pace: float | None, now: datetime) -> datetime | None:
    """While it trains, at this pace; what comes after takes its share of the training's time."""
    if progress.step != "train" or pace is None or not progress.total:
        return None
    left = pace * max(0, progress.total - progress.done)
    after = sum(_SHARES[name] for name in STEPS[STEPS.index("train") + 1 :]) / _SHARES["train"]
    return now + timedelta(seconds=left + after * pace * progress.total)
