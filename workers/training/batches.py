"""Which examples each optimizer step learns from: a pure function of the seed.

Examples of near length share a batch, so that little is padded; a batch is as large as its padded
tokens allow. Ott et al. 2018, "Scaling Neural Machine Translation", do so; the order of batches is
by chance, since a run from short to long is a curriculum that nobody asked for.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

_POOL_BATCHES = 32
"""Lengths are sorted within pools of about so many batches: chance still decides who meets whom."""

Batch = tuple[int, ...]
"""Indices of examples."""
Size = tuple[int, int]
"""Tokens of source and target."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How full a batch may be: padded tokens, or a number of examples."""

    token_budget: int | None
    examples: int | None
    joined: bool
    """Source and target stand in one row, as with a decoder."""

    def padded(self, sizes: Sequence[Size]) -> int:
        """Tokens of a batch of these, padding with them."""
        if self.joined:
            return len(sizes) * max(s + t for s, t in sizes)
        return len(sizes) * (max(s for s, _ in sizes) + max(t for _, t in sizes))

    def is_full(self, sizes: Sequence[Size]) -> bool:
        if self.examples is not None:
            return len(sizes) > self.examples
        return self.token_budget is not None and self.padded(sizes) > self.token_budget


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step: all its batches, of all processes."""

    epoch: float
    """At its end."""
    batches: tuple[Batch, ...]

    def of_rank(self, rank: int, processes: int) -> tuple[Batch, ...]:
        return self.batches[rank::processes]


def plan_epoch(sizes: Sequence[Size], packing: Packing, seed: int, epoch: int) -> list[Batch]:
    """Every example once. One that is larger than the budget alone is a batch of its own."""
    chance = random.Random(f"{seed}/{epoch}")  # noqa: S311 - to be repeated, not to be secret
    order = list(range(len(sizes)))
    chance.shuffle(order)
    batches: list[Batch] = []
    for pool in _pools(order, sizes, packing):
        batches += _pack(sorted(pool, key=lambda i: (sum(sizes[i]), i)), sizes, packing)
    chance.shuffle(batches)
    return batches


def plan_steps(  # noqa: PLR0913 - the run's whole plan
    sizes: Sequence[Size],
    packing: Packing,
    seed: int,
    *,
    epochs: float | None,
    max_steps: int | None,
    accumulation: int,
    processes: int = 1,
) -> list[Step]:
    """Of the whole run; `max_steps`, where given, says how long it is."""
    steps: list[Step] = []
    epoch = 0
    while len(steps) < max_steps if max_steps is not None else epoch < (epochs or 0):
        batches = plan_epoch(sizes, packing, seed, epoch)
        groups = _groups(batches, accumulation * processes, processes)
        made = [Step(epoch + (n + 1) / len(groups), g) for n, g in enumerate(groups)]
        if max_steps is None and epochs is not None and epochs - epoch < 1:
            made = made[: max(1, round(len(made) * (epochs - epoch)))]
        steps += made
        epoch += 1
    return steps[:max_steps]


def _pools(order: list[int], sizes: Sequence[Size], packing: Packing) -> list[list[int]]:
    if packing.examples is not None:
        length = packing.examples * _POOL_BATCHES
    else:
        mean = sum(map(sum, sizes)) / len(sizes)
        length = max(1, int((packing.token_budget or 1) * _POOL_BATCHES / mean))
    return [order[start : start + length] for start in range(0, len(order), length)]


def _pack(ranked: Sequence[int], sizes: Sequence[Size], packing: Packing) -> list[Batch]:
    batches: list[Batch] = []
    held: list[int] = []
    for index in ranked:
        if held and packing.is_full([sizes[i] for i in (*held, index)]):
            batches.append(tuple(held))
            held = []
        held.append(index)
    return [*batches, tuple(held)] if held else batches


def _groups(batches: list[Batch], size: int, processes: int) -> list[tuple[Batch, ...]]:
    """One a step, with a batch for each process at least."""
    groups = [tuple(batches[start : start + size]) for start in range(0, len(batches), size)]
    while groups and len(groups[-1]) < processes:
        last = groups[-1]
        largest = max(last, key=len)
        if len(largest) == 1:
            # Fewer examples than processes: they come again in the next epoch, in other company.
            return groups[:-1] or [tuple((last * processes)[:processes])]
        half, rest = len(largest) // 2, [b for b in last if b is not largest]
        groups[-1] = (*rest, largest[:half], largest[half:])
    return groups
