"""What an augmentation operator is."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from shared.datasets.augmentation.facts import Pair
from shared.datasets.records import Candidate


@dataclass(frozen=True, slots=True)
class Operator:
    """Named and versioned.

    `apply` gives another source and target of the same meaning, or None where it finds nothing to
    change. It changes no number, dose, drug, side or negation, in neither of them.
    Chance comes from the generator it is given and from nowhere else.
    `keeps` are asked about each result once more: what one of them refuses is no example.
    """

    name: str
    version: int
    apply: Callable[[Candidate, random.Random], Pair | None]
    keeps: tuple[Callable[[Pair, Pair], bool], ...]

    def allows(self, before: Pair, after: Pair) -> bool:
        """Whether nothing that has to stay has changed, as far as can be told."""
        return all(keeps(before, after) for keeps in self.keeps)
