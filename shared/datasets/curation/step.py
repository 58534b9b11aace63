"""What a curation step is.

A step is named and versioned, so that a version can say what chose its members; it is pure, and
knows neither the database nor another step. Most look at one row at a time. Those that compare rows
observe all of them first, and keep no text of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from shared.datasets.curation.catalogue import Listed, Settings
from shared.datasets.records import Candidate, Flag


class CorpusStep(Protocol):
    """Sees every row once, in order, then says what it found; memory grows by bytes a row."""

    def observe(self, candidate: Candidate) -> None: ...

    def flags(self) -> Iterator[Flag]: ...


@dataclass(frozen=True, slots=True)
class RowStep:
    """`look` gives the details of what it finds about one row: figures, never text."""

    listed: Listed
    look: Callable[[Candidate, Settings], Iterable[str]]


@dataclass(frozen=True, slots=True)
class ComparingStep:
    """`begin` makes the step of one version."""

    listed: Listed
    begin: Callable[[Settings], CorpusStep]


Step = RowStep | ComparingStep
