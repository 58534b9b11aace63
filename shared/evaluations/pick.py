"""The best and the worst cases of each candidate, by the scores of single examples."""

import heapq
from collections import defaultdict
from typing import Literal, NamedTuple

CASES = 3
"""So many of each kind."""


class Picked(NamedTuple):
    kind: Literal["best", "worst"]
    line: int
    score: float


class Extremes:
    """Holds the scores and lines of a few examples for each candidate."""

    def __init__(self) -> None:
        self._best: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._worst: dict[str, list[tuple[float, int]]] = defaultdict(list)

    def observe(self, candidate: str, line: int, score: float) -> None:
        _keep(self._best[candidate], (score, -line))
        _keep(self._worst[candidate], (-score, -line))

    def picked(self, candidate: str) -> list[Picked]:
        """The best first, then the worst first; no example twice, the earlier line of equals."""
        best = [Picked("best", -line, score) for score, line in sorted(self._best[candidate])[::-1]]
        shown = {case.line for case in best}
        worst = sorted(self._worst[candidate])[::-1]
        return best + [
            Picked("worst", -line, -score) for score, line in worst if -line not in shown
        ]


def _keep(heap: list[tuple[float, int]], item: tuple[float, int]) -> None:
    if len(heap) < CASES:
        heapq.heappush(heap, item)
    else:
        heapq.heappushpop(heap, item)
