"""How far two measures put the same things in the same order."""

from collections.abc import Sequence


def spearman(left: Sequence[float], right: Sequence[float]) -> float:
    """Rank correlation, -1 to 1; equal values share the mean of their ranks.

    0.0 where one of them is all equal. Raises ValueError where the lengths differ.
    """
    if len(left) != len(right):
        raise ValueError("The two measures are not of the same things.")
    ours, theirs = _ranks(left), _ranks(right)
    middle = (len(left) + 1) / 2
    covariance = sum((a - middle) * (b - middle) for a, b in zip(ours, theirs, strict=True))
    spread = _variation(ours, middle) * _variation(theirs, middle)
    return covariance / spread**0.5 if spread else 0.0


def _variation(ranks: Sequence[float], middle: float) -> float:
    return sum((rank - middle) ** 2 for rank in ranks)


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in range(first, last + 1):
            ranks[order[place]] = (first + last) / 2 + 1
        first = last + 1
    return ranks
