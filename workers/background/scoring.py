"""Score an evaluation whose candidates' documents are final, page by page.

A page is read in short transactions and scored in none. Of a text nothing is kept; of an example a
figure for each metric of each candidate and baseline.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from shared.datasets.read import read_pairs
from shared.evaluations.begin import models_of
from shared.evaluations.compare import Comparison, Role
from shared.evaluations.imitate import CONSTANT, COPY_NEAREST, LEAD, imitate
from shared.evaluations.ledger import batches_of
from shared.evaluations.pick import Extremes
from shared.evaluations.read import (
    Made,
    Sample,
    read_lines,
    read_made,
    read_samples,
    read_targets,
)
from shared.evaluations.score import EMPTY, Scorer, Scores
from shared.evaluations.study import TrainingExamples
from shared.registry.lineage import trained_versions
from shared.registry.queries import find_named
from shared.schemas.evaluations import METRICS
from shared.tables import Evaluation
from shared.vault import TenantVault

_PAGE = 50
_TRAINING_PAGE = 500
Read = TypeVar("Read")


class Do(Protocol):
    """Act in a transaction of the tenant."""

    def __call__(self, act: Callable[[Session], Read]) -> Read: ...


class Scoring:
    """`progress` is told the step, and of how many things how many are done, after each page."""

    def __init__(
        self,
        evaluation: Evaluation,
        vault: TenantVault,
        do: Do,
        progress: Callable[[str, int, int], None],
    ) -> None:
        self._evaluation = evaluation
        self._vault = vault
        self._do = do
        self._progress = progress
        self._batches = batches_of(evaluation)
        self._metric = METRICS.index(evaluation.metric)

    def run(self) -> tuple[Comparison, Extremes]:
        """Every example of every candidate, and the baselines beside them."""
        training = self._study()
        constant = self._constant(training)
        comparison, extremes = Comparison(self._systems(training)), Extremes()
        for samples, made in self._pages():
            nearest = self._nearest(training, samples)
            for sample in samples:
                theirs = {name: made[name].get(sample.line) for name in made}
                baselines = imitate(
                    sample.source,
                    sentences=training.lead,
                    constant=constant,
                    nearest=nearest.get(sample.line),
                )
                scorer = Scorer(sample.source, sample.reference)
                scores = {name: _score(scorer, one) for name, one in theirs.items()}
                for name, one in theirs.items():
                    comparison.tallies[name].count(one)
                    extremes.observe(name, sample.line, scores[name][self._metric])
                for name, imitation in baselines.items():
                    scores[name] = scorer.score(imitation.text, coverage=imitation.coverage)
                comparison.add(sample, scores, leaks=training.leaks(sample.source))
        return comparison, extremes

    def _systems(self, training: TrainingExamples) -> dict[str, Role]:
        systems: dict[str, Role] = {
            name: "production" if name == "production" else "candidate"
            for name in self._evaluation.candidates
        }
        for name in (LEAD, COPY_NEAREST, CONSTANT) if len(training) else (LEAD,):
            systems[name] = "baseline"
        return systems

    def _study(self) -> TrainingExamples:
        """The training splits of the candidates' datasets, and of the evaluated one."""
        learned = self._do(self._learned)
        training, seen = TrainingExamples(learned), set[UUID]()
        for version in dict.fromkeys([*learned, self._evaluation.dataset_version_id]):
            after = 0
            read = partial(
                read_pairs,
                vault=self._vault,
                version=version,
                split="train",
                limit=_TRAINING_PAGE,
                for_training=version in learned,
            )
            while page := self._do(partial(read, after=after)):
                for pair in page:
                    if pair.target is not None and pair.example not in seen:
                        seen.add(pair.example)
                        training.observe(version, pair.line, pair.source, pair.target)
                after = page[-1].line
                self._progress("study", len(training), 0)
        return training

    def _learned(self, session: Session) -> list[UUID]:
        names = models_of(self._evaluation.candidates, self._evaluation.production)
        found = [find_named(session, name) for name in names]
        versions = [trained_versions(session, one.id) for one in found if one is not None]
        return list(dict.fromkeys(version for some in versions for version in some))

    def _constant(self, training: TrainingExamples) -> str | None:
        """One target for every example: the most frequent of training, else the medoid."""
        if not len(training):
            return None
        place = training.frequent()
        if place is None:
            return training.medoid()
        found = self._do(partial(read_targets, vault=self._vault, places=[place]))
        return found.get(place) or training.medoid()

    def _pages(self) -> Iterator[tuple[list[Sample], dict[str, dict[int, Made]]]]:
        """Samples, and what each candidate made of them by line."""
        first, done, after = next(iter(self._batches.values())), 0, 0
        total = self._evaluation.total // len(self._batches)
        while places := self._do(
            partial(read_lines, vault=self._vault, batch=first, after=after, limit=_PAGE)
        ):
            lines = [line for _, line in places]
            made = {name: self.made(name, lines) for name in self._batches}
            yield self.samples(lines), made
            done, after = done + len(places), places[-1][0]
            self._progress("score", done, total)

    def samples(self, lines: list[int]) -> list[Sample]:
        version = self._evaluation.dataset_version_id
        return self._do(partial(read_samples, vault=self._vault, version=version, lines=lines))

    def made(self, candidate: str, lines: list[int]) -> dict[int, Made]:
        batch = self._batches[candidate]
        return self._do(partial(read_made, vault=self._vault, batch=batch, lines=lines))

    def _nearest(self, training: TrainingExamples, samples: list[Sample]) -> dict[int, str]:
        """Line → the target of the training example that is most alike."""
        found = {sample.line: training.nearest(sample.source) for sample in samples}
        places = {line: near.place for line, near in found.items() if near is not None}
        wanted = list(set(places.values()))
        targets = self._do(partial(read_targets, vault=self._vault, places=wanted))
        return {line: targets.get(place, "") for line, place in places.items()}


def _score(scorer: Scorer, made: Made | None) -> Scores:
    return EMPTY if made is None else scorer.score(made.text, coverage=made.coverage)
