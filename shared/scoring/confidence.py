"""A difference of means that may be looked at at any time, and as often as one likes."""

import math

from shared.scoring.bootstrap import Estimate

_TUNED_FOR = 500
"""Observations of a side at which the interval is tightest for its kind."""


def difference_at_any_time(
    ours: tuple[int, float, float], others: tuple[int, float, float], *, alpha: float = 0.05
) -> Estimate | None:
    """Mean of `ours` less that of `others`: each a count, a mean and a variance.

    The asymptotic confidence sequence of Waudby-Smith et al. 2021, "Time-uniform central limit
    theory and asymptotic confidence sequences" (theorem 2.2): it covers the truth at all times at
    once with 1 - alpha, so that one may stop as soon as it excludes 0. None below two of a side.
    """
    if min(ours[0], others[0]) < 2:  # noqa: PLR2004 - a variance needs two
        return None
    value = ours[1] - others[1]
    # Half of alpha for each side.
    width = sum(_half_width(count, variance, alpha / 2) for count, _, variance in (ours, others))
    return Estimate(value, value - width, value + width)


def _half_width(count: int, variance: float, alpha: float) -> float:
    rho2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / _TUNED_FOR
    spread = count * rho2 + 1
    return math.sqrt(
        variance * 2 * spread / (count**2 * rho2) * math.log(math.sqrt(spread) / alpha)
    )
