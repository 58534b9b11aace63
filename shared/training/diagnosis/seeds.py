"""How much of a run's result is chance: runs that are alike but for the seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from shared.training.diagnosis.finding import Finding, Knobs

_LARGE = 0.1
"""Standard deviation relative to the mean."""


@dataclass(frozen=True, slots=True)
class SeedScore:
    """The best ROUGE-L of the validation sample, in percent, of a run with this seed."""

    seed: int
    rouge: float


def find_spread(scores: Sequence[SeedScore], knobs: Knobs) -> Finding | None:
    """Of two seeds or more, this run's among them."""
    by_seed = {one.seed: one.rouge for one in scores}
    if len(by_seed) < 2:  # noqa: PLR2004 - one alone has no spread
        return None
    values = list(by_seed.values())
    mean, spread = fmean(values), stdev(values)
    said = (
        f"Over {len(values)} seeds ROUGE-L is {mean:.1f} on average, from {min(values):.1f} to "
        f"{max(values):.1f} (standard deviation {spread:.1f}): settings that differ by less than "
        f"about {2 * spread:.1f} cannot be told apart by one run each."
    )
    if spread <= _LARGE * mean:
        return Finding(said, "")
    return Finding(
        said,
        f"That is much: lower {knobs['learning_rate']}, warm up longer ({knobs['warmup_ratio']}), "
        "or bring more examples, and compare means over several seeds.",
    )
