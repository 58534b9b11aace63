"""One thing that is to be said about a run, and the knobs as they stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["unstable", "copying", "overfitting", "underfitting", "plateau"]
ORDER: tuple[Verdict, ...] = ("unstable", "copying", "overfitting", "underfitting", "plateau")
"""The gravest first: what does not learn steadily cannot be judged for anything else."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`said` has the figures, `knobs` what to turn; without a verdict it is worth knowing only."""

    said: str
    knobs: str
    verdict: Verdict | None = None

    @property
    def text(self) -> str:
        return f"{self.said} {self.knobs}".strip()


@dataclass(frozen=True, slots=True)
class Knobs:
    """The settings of a run: a knob is named with the value that it had, where that is known."""

    method: str
    settings: Mapping[str, Any]

    def __getitem__(self, name: str) -> str:
        value = self.settings.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"`{name}`"
        return f"`{name}` ({value:g})"
