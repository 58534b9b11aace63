"""One row of the table of faults: what is done, what must hold, and what makes it hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.chaos.mutations import Mutation


@dataclass(frozen=True, slots=True)
class Plan:
    """How a row is run."""

    seed: int
    share: float = 1.0
    """Of the documents and faults of the full measurement; the quick form takes a small one."""
    mutation: Mutation | None = None
    """A mechanism that is switched off, to see the row fail."""

    def of(self, full: int, least: int = 1) -> int:
        """So many of `full`, and not fewer than `least`."""
        return max(least, round(full * self.share))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row."""

    work: str
    """`2,000 documents`"""
    faults: int
    seconds: float
    violations: Mapping[str, int]
    """What must not be, and how often it was; empty: the target is met."""
    measured: str = ""
    """Further figures: `an orphan waits 6.1 s at most`."""

    @property
    def met(self) -> bool:
        return not any(self.violations.values())


@dataclass(frozen=True, slots=True)
class Row:
    """`run` does it all: its own processes, its faults, its oracle."""

    id: str
    """As in docs/reliability.md: R1."""
    fault: str
    target: str
    run: Callable[[Plan], Outcome]
    mechanisms: tuple[Mutation, ...] = ()
    """Each is switched off in turn, and the row has to fail."""
