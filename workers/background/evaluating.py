"""One evaluation: its batches are submitted, waited for and scored, and the report is written."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared import leases
from shared.access.tenants import open_vault
from shared.database import Database
from shared.errors import Conflict
from shared.evaluations.begin import begin, choose_for
from shared.evaluations.compare import Comparison
from shared.evaluations.ledger import documents_left
from shared.evaluations.pick import Extremes
from shared.evaluations.promote_if_asked import promote_if_asked
from shared.evaluations.remark import remark
from shared.leases import Lease
from shared.schemas.evaluations import Case, Cases, Figures
from shared.tables import Evaluation
from shared.vault import Vault
from workers.background.making import Superseded
from workers.background.scoring import Scoring

Read = TypeVar("Read")


class Evaluating:
    """`between` is called after each page; what it raises ends the work."""

    def __init__(
        self, database: Database, vault: Vault, lease: Lease, between: Callable[[], None]
    ) -> None:
        self._database = database
        self._lease = lease
        self._between = between
        self._master = vault
        with database.transaction(lease.tenant) as session:
            self._vault = open_vault(session, vault, lease.tenant)
            evaluation = session.get(Evaluation, lease.id)
        if evaluation is None:
            raise Superseded
        self._evaluation = evaluation

    def run(self) -> bool:
        """False while candidates' documents are still summarized.

        Raises Conflict for an evaluation that is not to be, and Superseded.
        """
        if not self._evaluation.batches:
            self._do(self._begin)
            return False
        left, total = self._do(partial(documents_left, evaluation=self._evaluation))
        if left:
            self._progress("summarize", total - left, total)
            return False
        scoring = Scoring(self._evaluation, self._vault, self._do, self._progress)
        comparison, extremes = scoring.run()
        if not len(comparison):
            raise Conflict(
                "All of its examples were erased while it ran.", code="nothing_to_evaluate"
            )
        self._publish(self._figures(comparison), self._quoted(scoring, extremes))
        return True

    def _begin(self, session: Session) -> None:
        if not leases.hold(session, Evaluation, self._lease):
            raise Superseded
        columns = begin(session, self._vault, self._evaluation)
        leases.write(session, Evaluation, self._lease, **columns)

    def _figures(self, comparison: Comparison) -> Figures:
        evaluation = self._evaluation
        metric, production = evaluation.metric, evaluation.production
        chosen = self._do(partial(choose_for, evaluation=evaluation, production=production))
        figures = comparison.figures(metric, excluded=chosen.excluded)
        said = remark(figures, metric, reference_words=comparison.reference_words)
        return figures.model_copy(update={"remarks": said})

    def _quoted(self, scoring: Scoring, extremes: Extremes) -> Cases:
        """The cases word for word: read again, since no text was kept."""
        quoted = []
        for name in self._evaluation.candidates:
            picked = extremes.picked(name)
            lines = [case.line for case in picked]
            samples = {sample.line: sample for sample in scoring.samples(lines)}
            made = scoring.made(name, lines)
            quoted += [
                Case(
                    candidate=name,
                    kind=case.kind,
                    line=case.line,
                    score=round(case.score, 4),
                    source=samples[case.line].source,
                    reference=samples[case.line].reference,
                    summary=made[case.line].text if case.line in made else "",
                )
                for case in picked
                if case.line in samples
            ]
        return Cases(cases=quoted)

    def _publish(self, figures: Figures, cases: Cases) -> None:
        row = self._evaluation.id
        sealed = self._vault.seal(cases.model_dump_json(), row=row, field="cases")
        with self._database.transaction(self._lease.tenant) as session:
            mine = leases.end(
                session,
                Evaluation,
                self._lease,
                "ready",
                step=None,
                figures=figures.model_dump(mode="json"),
                cases_sealed=sealed,
                ready_at=func.now(),
            )
            if not mine:
                raise Superseded
            if self._evaluation.run_id is not None:
                promote_if_asked(session, self._master, self._evaluation.run_id)

    def _progress(self, step: str, done: int, total: int) -> None:
        with self._database.transaction(self._lease.tenant) as session:
            mine = leases.write(session, Evaluation, self._lease, step=step, done=done, total=total)
        if not mine:
            raise Superseded
        self._between()

    def _do(self, act: Callable[[Session], Read]) -> Read:
        with self._database.transaction(self._lease.tenant) as session:
            return act(session)
