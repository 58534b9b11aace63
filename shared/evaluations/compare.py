"""From scores of single examples to the report's figures: means, intervals, differences, slices."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shared.datasets.report.extractiveness import tokenize
from shared.evaluations.read import Made, Sample
from shared.evaluations.score import EMPTY, Scores
from shared.evaluations.slice import cut
from shared.registry.gate import PROMPT
from shared.schemas.evaluations import (
    METRICS,
    CandidateFigures,
    Difference,
    Estimate,
    Figures,
    Slice,
)
from shared.scoring.bootstrap import Estimate as Resampling
from shared.scoring.resample import Resampled

Role = Literal["candidate", "production", "baseline"]
Table = npt.NDArray[np.float64]


@dataclass(slots=True)
class Tally:
    """What one candidate's documents took."""

    made: int = 0
    failed: int = 0
    routes: Counter[str] = field(default_factory=Counter)
    input_tokens: int = 0
    output_tokens: int = 0
    timed: int = 0
    seconds: float = 0.0
    memory_bytes: int | None = None

    def count(self, made: Made | None) -> None:
        if made is None:
            self.failed += 1
            return
        self.made += 1
        self.routes[made.route] += 1
        self.input_tokens += made.input_tokens
        self.output_tokens += made.output_tokens
        if made.seconds is not None:
            self.timed += 1
            self.seconds += made.seconds
        if made.memory_bytes is not None:
            self.memory_bytes = max(self.memory_bytes or 0, made.memory_bytes)


class Comparison:
    """`systems`: candidates and baselines by name, with what each is there for."""

    def __init__(self, systems: dict[str, Role]) -> None:
        self.systems = systems
        self.names = list(systems)
        self.tallies = {name: Tally() for name, role in systems.items() if role != "baseline"}
        self._width = len(METRICS)
        self._rows: list[npt.NDArray[np.float32]] = []
        self._leaks: list[bool] = []
        self._lengths: list[int] = []
        self._labels: list[dict[str, str]] = []
        self._reference_words = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, sample: Sample, scores: dict[str, Scores], *, leaks: bool) -> None:
        """An example with the scores of every system; one that is missing counts as empty."""
        row = [scores.get(name, EMPTY) for name in self.names]
        self._rows.append(np.array(row, np.float32).reshape(-1))
        self._leaks.append(leaks)
        self._lengths.append(len(sample.source))
        self._labels.append(labels_of(sample))
        self._reference_words += len(tokenize(sample.reference))

    @property
    def reference_words(self) -> float:
        """A reference, on average."""
        return self._reference_words / len(self._rows)

    def figures(self, metric: str, *, excluded: int) -> Figures:
        """All but the remarks; `metric` is what a baseline is to be beaten in."""
        table = np.array(self._rows, np.float64)
        drawn = Resampled(table)
        free = ~np.array(self._leaks, bool)
        leak_free = int(free.sum())
        return Figures(
            examples=len(table),
            excluded=excluded,
            leak_free=leak_free,
            candidates=self._candidates(drawn, len(table), self.tallies),
            leak_free_candidates=self._candidates(Resampled(table[free]), leak_free, {})
            if 0 < leak_free < len(table)
            else [],
            differences=[
                *self._beside_served(drawn),
                *self._beside_best_baseline(drawn, metric),
            ],
            slices=list(self._slices(table)),
        )

    def _candidates(
        self, drawn: Resampled, examples: int, tallies: dict[str, Tally]
    ) -> list[CandidateFigures]:
        return [
            CandidateFigures(
                name=name,
                role=role,
                examples=examples,
                scores={
                    metric: _estimate(drawn.mean(self._column(name, metric))) for metric in METRICS
                },
                **_taken(tallies.get(name)),
            )
            for name, role in self.systems.items()
        ]

    def _beside_served(self, drawn: Resampled) -> Iterator[Difference]:
        """Beside what is in production, and beside its prompt where that is a candidate."""
        served = [name for name, role in self.systems.items() if role == "production"]
        served += [PROMPT] if PROMPT in self.systems else []
        for beside in served:
            for name, role in self.systems.items():
                if role == "candidate" and name != beside:
                    for metric in METRICS:
                        yield self._difference(drawn, name, beside, metric)

    def _beside_best_baseline(self, drawn: Resampled, metric: str) -> Iterator[Difference]:
        baselines = [name for name, role in self.systems.items() if role == "baseline"]
        if not baselines:
            return
        best = max(baselines, key=lambda name: drawn.mean(self._column(name, metric)).value)
        for name, role in self.systems.items():
            if role != "baseline":
                yield self._difference(drawn, name, best, metric)

    def _difference(self, drawn: Resampled, name: str, beside: str, metric: str) -> Difference:
        found = drawn.difference(self._column(name, metric), self._column(beside, metric))
        return Difference(candidate=name, beside=beside, metric=metric, difference=_estimate(found))

    def _slices(self, table: Table) -> Iterator[Slice]:
        for by, value, places in cut(self._lengths, self._labels):
            means = table[places].mean(axis=0)
            for name in self.names:
                scores = {metric: means[self._column(name, metric)] for metric in METRICS}
                yield Slice(
                    by=by,
                    value=value,
                    candidate=name,
                    examples=len(places),
                    scores=_rounded(scores),
                )

    def _column(self, name: str, metric: str) -> int:
        return self.names.index(name) * self._width + METRICS.index(metric)


def labels_of(sample: Sample) -> dict[str, str]:
    """By what the example can be put into a slice, its length apart."""
    metadata = {name.lower(): value for name, value in sample.metadata.items()}
    time = next((metadata[name] for name in ("date", "time") if metadata.get(name)), "")
    return {"note_type": sample.note_type, "time": time[:10], "site": metadata.get("site", "")}


def _taken(tally: Tally | None) -> dict[str, Any]:
    """The members of `CandidateFigures` that say what its documents took, each."""
    if tally is None:
        return {}
    made, timed = tally.made, tally.timed
    return {
        "failed": tally.failed,
        "routes": dict(tally.routes),
        "input_tokens": round(tally.input_tokens / made, 1) if made else None,
        "output_tokens": round(tally.output_tokens / made, 1) if made else None,
        "seconds": round(tally.seconds / timed, 4) if timed else None,
        "memory_bytes": tally.memory_bytes,
    }


def _estimate(found: Resampling) -> Estimate:
    return Estimate(value=round(found.value, 4), low=round(found.low, 4), high=round(found.high, 4))


def _rounded(scores: dict[str, Any]) -> dict[str, float]:
    return {metric: round(float(value), 4) for metric, value in scores.items()}
