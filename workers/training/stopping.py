"""When a validation is a gain."""

from collections.abc import Mapping

_LESS_IS_BETTER = frozenset({"validation_loss"})


def is_better(
    metric: str, measured: Mapping[str, float], best: Mapping[str, float], min_delta: float
) -> bool:
    """The first validation is one."""
    if not best:
        return True
    gain = measured[metric] - best[metric]
    return (-gain if metric in _LESS_IS_BETTER else gain) > min_delta
