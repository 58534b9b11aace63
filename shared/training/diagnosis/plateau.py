"""Whether ROUGE of the generated validation sample still rises."""

from shared.training.diagnosis.curves import Curve
from shared.training.diagnosis.finding import Finding, Knobs

_FEWEST = 4
_RISE = 0.02
"""Relative to the best of the first half: less is within what a sample's chance does."""


def find_plateau(rouge: Curve, knobs: Knobs) -> Finding | None:
    """The second half of the measurements brought nothing that the first had not."""
    if len(rouge) < _FEWEST:
        return None
    half = len(rouge) // 2
    early, late = max(rouge.values[:half]), max(rouge.values[half:])
    if late > early * (1 + _RISE):
        return None
    step = rouge.steps[rouge.values.index(early)]
    return Finding(
        f"ROUGE-L of the validation sample was {early:.1f} at step {step:,} and never more than "
        f"{late:.1f} later: the second half of the run made no better summaries.",
        "More of the same will not help: bring more or cleaner examples, take a larger base, raise "
        f"{knobs['max_source_length']} if sources are cut off; or save the time with fewer epochs "
        f"({knobs['num_train_epochs']}).",
        "plateau",
    )
