"""Whether the training loss falls steadily."""

from math import sqrt
from statistics import stdev

from shared.training.diagnosis.curves import Curve, smooth, spikes
from shared.training.diagnosis.finding import Finding, Knobs

_FEWEST = 10
_FIFTHS = 5
_DIVERGED = 1.1
"""The last fifth beside the best fifth."""
_ERRORS = 3.0
"""Standard errors of its mean by which the last fifth may lie higher, where batches differ much."""
_NAMED = 3


def find_instability(train: Curve, knobs: Knobs) -> Finding | None:
    """It leaps, or it rises again and stays there. `train` is as it was measured, not smoothed."""
    if len(train) < _FEWEST:
        return None
    fifths = smooth(train, _ends(train)).values
    last = train.values[len(train) * (_FIFTHS - 1) // _FIFTHS :]
    by_chance = _ERRORS * stdev(last) / sqrt(len(last))
    if fifths[-1] > _DIVERGED * min(fifths) + by_chance:
        return Finding(
            f"The training loss rose again: {min(fifths):.3f} at its best, {fifths[-1]:.3f} over "
            "the last fifth of the run. It diverged.",
            _calmer(knobs),
            "unstable",
        )
    leaps = spikes(train)
    if not leaps:
        return None
    named = ", ".join(f"{step:,}" for step in leaps[:_NAMED])
    more = "" if len(leaps) <= _NAMED else f" and {len(leaps) - _NAMED} more"
    once = len(leaps) == 1
    return Finding(
        f"The training loss leapt up at {'step' if once else 'steps'} {named}{more}.",
        "Once is mostly one odd example." if once else _calmer(knobs),
        None if once else "unstable",
    )


def _ends(train: Curve) -> list[int]:
    """The last step of each fifth of the measurements."""
    return [train.steps[len(train) * part // _FIFTHS - 1] for part in range(1, _FIFTHS + 1)]


def _calmer(knobs: Knobs) -> str:
    return (
        f"Lower {knobs['learning_rate']}, warm up longer ({knobs['warmup_ratio']}), or take larger "
        f"batches ({knobs['gradient_accumulation_steps']})."
    )
