"""More examples from those of the training split."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from shared.datasets.augmentation.facts import Pair
from shared.datasets.augmentation.operator import Operator
from shared.datasets.augmentation.operators import OPERATORS
from shared.datasets.records import Augmented, Candidate
from shared.schemas.datasets import Augmentation
from shared.text.language import detect


def augment(
    train: Iterable[Candidate], augmentations: Sequence[Augmentation], *, size: int, seed: int
) -> Iterator[Augmented]:
    """New examples of `train`, which holds `size`, each operator adding its share of that.

    An operator that finds nothing to change in a record takes one of the next instead, so that it
    adds fewer only where too few records offer anything. A record gives at most one example more
    than the share. The same seed gives the same examples; memory does not grow.
    """
    quotas = [
        _Quota(OPERATORS[asked.operator], ceil(asked.share) + 1, round(asked.share * size), seed)
        for asked in augmentations
    ]
    for seen, candidate in enumerate(train, start=1):
        if detect(candidate.source) in {None, "en"}:  # the operators have English rules only
            for quota in quotas:
                yield from quota.take(candidate, min(1.0, seen / size) if size else 1.0)


def operator_versions(augmentations: Sequence[Augmentation]) -> dict[str, int]:
    """The version of each operator that runs."""
    return {asked.operator: OPERATORS[asked.operator].version for asked in augmentations}


@dataclass(slots=True)
class _Quota:
    """How many examples an operator still owes."""

    operator: Operator
    most_of_one: int
    total: int
    seed: int
    made: int = field(default=0, init=False)

    def take(self, candidate: Candidate, progress: float) -> Iterator[Augmented]:
        """New examples of one record, as far as they are due by now."""
        chance = random.Random(f"{self.seed} {self.operator.name} {candidate.line}")  # noqa: S311 - no secret
        made: set[Pair] = {(candidate.source, candidate.target)}
        for _ in range(self.most_of_one):
            if self.made + chance.random() >= self.total * progress:
                return
            new = self._apply(candidate, chance)
            if new is None or new in made:
                return
            made.add(new)
            self.made += 1
            made_by = f"{self.operator.name}@{self.operator.version}"
            yield Augmented(candidate.line, made_by, *new)

    def _apply(self, candidate: Candidate, chance: random.Random) -> Pair | None:
        new = self.operator.apply(candidate, chance)
        before = (candidate.source, candidate.target)
        return new if new is not None and self.operator.allows(before, new) else None
