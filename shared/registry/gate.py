"""The gate: whether a candidate may replace what is in production.

Not worse in faithfulness: the paired bootstrap 95 % interval of the difference reaches 0 or above,
in the support of sentences and in the shares of summaries whose numbers and names the source has.
And better in the evaluation's metric: the whole interval lies above 0.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.errors import Conflict
from shared.ids import public_id
from shared.note_types.queries import load
from shared.prompts.queries import serving_name
from shared.registry.kinds import MODELS, Kind, V
from shared.registry.queries import dataset_names, in_production, name_of
from shared.schemas.evaluations import CandidateFigures, Difference, Figures
from shared.schemas.registry import Gate, GateRow
from shared.tables import Evaluation, ModelVersion
from shared.tables.registry import Version

FAITHFULNESS = ("support", "numbers", "entities")
PRODUCTION, PROMPT = "production", "prompt"
"""Candidates that stand for whatever serves: by any route, by a prompt."""
LEAST_EXAMPLES = 10
"""Of fewer, resampling finds next to no spread, and any interval would look narrow."""
_NAMES = {
    "support": "Support of the sentences",
    "numbers": "Summaries without a number that the source lacks",
    "entities": "Summaries without a drug or problem that the source lacks",
}


class GateNotPassed(Conflict):
    code = "gate_not_passed"

    def __init__(self, gate: Gate, how_to_fix: str) -> None:
        short = [row.said for row in gate.rows if not row.passed]
        super().__init__(f"The gate is not passed. {' '.join(short)}", how_to_fix=how_to_fix)
        self.gate = gate


def read_gate(session: Session, kind: Kind[V], version: V) -> Gate:
    """By the newest evaluation of the version beside what is in production now.

    Needs a transaction of the tenant.
    """
    name = name_of(version)
    if kind is MODELS:
        production = in_production(session, MODELS, version.note_type)
        beside = MODELS.without if production is None else name_of(production)
        same = _same(Evaluation.production, None if production is None else beside)
    else:
        beside = serving_name(session, load(session).or_general(version.note_type))
        # Beside a model in production only the prompt by itself says how a prompt does.
        by_itself = Evaluation.production.is_(None) | Evaluation.candidates.contains([PROMPT])
        same = and_(Evaluation.production_prompt == beside, by_itself)
    found = session.scalar(
        select(Evaluation)
        .where(
            Evaluation.note_type == version.note_type,
            Evaluation.status == "ready",
            Evaluation.figures.is_not(None),
            Evaluation.candidates.contains([name]),
            same,
        )
        .order_by(Evaluation.ready_at.desc().nulls_last(), Evaluation.id.desc())
        .limit(1)
    )
    if found is None:
        return Gate(passed=False, evaluation=None, rows=[_not_evaluated(name, beside)])
    figures = Figures.model_validate(found.figures)
    partner = PROMPT if kind is not MODELS and PROMPT in found.candidates else None
    return judge(figures, name, found.metric, public_id("eval", found.id), beside=partner)


def judge(
    figures: Figures, candidate: str, metric: str, evaluation: str, *, beside: str | None = None
) -> Gate:
    """The gate by an evaluation's figures. `metric` decides beside faithfulness.

    `beside`: the candidate that stands for what serves now, if it is not `production`.
    """
    by_name = {one.name: one for one in figures.candidates}
    production = (
        by_name.get(beside)
        if beside
        else next((one for one in figures.candidates if one.role == PRODUCTION), None)
    )
    differences = {
        one.metric: one
        for one in figures.differences
        if one.candidate == candidate and production is not None and one.beside == production.name
    }
    ours = by_name.get(candidate)
    rows = [_enough(figures.examples)]
    rows += [_not_worse(_figures(name, ours, production, differences)) for name in FAITHFULNESS]
    rows.append(_better(_figures(metric, ours, production, differences)))
    return Gate(passed=all(row.passed for row in rows), evaluation=evaluation, rows=rows)


def how_to_pass(session: Session, version: Version, gate: Gate) -> str:
    """What to do about a gate that is not passed."""
    if not isinstance(version, ModelVersion):
        compare = f"epicrisis prompts compare {version.note_type} {version.number} --dataset NAME@V"
        if gate.evaluation is None:
            return f"Compare it with what is in production now: {compare}"
        return (
            "Write a better one, or promote it with an override and your reason for it; "
            f"evaluation {gate.evaluation} shows the cases."
        )
    if gate.evaluation is not None:
        return (
            "Train on more or better examples, or promote it with an override and your reason for "
            f"it; evaluation {gate.evaluation} shows the cases."
        )
    dataset = dataset_names(session, [version]).get(version.dataset_version_id, "NAME@V")
    compare = f"epicrisis compare {version.note_type} {name_of(version)} --dataset {dataset}"
    return f"Compare it with what is in production now: {compare}"


def _figures(
    metric: str,
    ours: CandidateFigures | None,
    production: CandidateFigures | None,
    differences: Mapping[str, Difference],
) -> GateRow:
    """The row without a judgement."""
    found = differences.get(metric)
    estimate = None if found is None else found.difference
    return GateRow(
        condition="",
        metric=metric,
        candidate=_score(ours, metric),
        production=_score(production, metric),
        difference=estimate and estimate.value,
        low=estimate and estimate.low,
        high=estimate and estimate.high,
        passed=False,
        said="",
    )


def _score(figures: CandidateFigures | None, metric: str) -> float | None:
    estimate = None if figures is None else figures.scores.get(metric)
    return None if estimate is None else estimate.value


def _not_worse(row: GateRow) -> GateRow:
    what = _NAMES[row.metric]
    if row.high is None:
        return _said(row, "not_worse", f"{what}: not measured beside production.", passed=False)
    passed = row.high >= 0
    verdict = "not worse than production" if passed else "worse than production"
    return _said(row, "not_worse", f"{what}: {verdict} ({_interval(row)}).", passed=passed)


def _better(row: GateRow) -> GateRow:
    if row.low is None:
        said = f"{row.metric}: not measured beside production."
        return _said(row, "better", said, passed=False)
    passed = row.low > 0
    verdict = "better than production" if passed else "not better than production beyond chance"
    return _said(row, "better", f"{row.metric}: {verdict} ({_interval(row)}).", passed=passed)


def _enough(examples: int) -> GateRow:
    row = _bare("examples", float(examples))
    passed = examples >= LEAST_EXAMPLES
    said = f"Compared on {examples} examples" + (
        "." if passed else f"; fewer than {LEAST_EXAMPLES} decide nothing."
    )
    return _said(row, "enough", said, passed=passed)


def _same(column: InstrumentedAttribute[str | None], name: str | None) -> ColumnElement[bool]:
    return column.is_(None) if name is None else column == name


def _not_evaluated(name: str, beside: str) -> GateRow:
    said = f"There is no evaluation of {name} beside {beside}, which is in production now."
    return _said(_bare("evaluation", None), "evaluated", said, passed=False)


def _bare(metric: str, candidate: float | None) -> GateRow:
    return GateRow(
        condition="",
        metric=metric,
        candidate=candidate,
        production=None,
        difference=None,
        low=None,
        high=None,
        passed=False,
        said="",
    )


def _said(row: GateRow, condition: str, said: str, *, passed: bool) -> GateRow:
    return row.model_copy(update={"condition": condition, "said": said, "passed": passed})


def _interval(row: GateRow) -> str:
    values: Sequence[float | None] = (row.difference, row.low, row.high)
    value, low, high = (f"{each or 0.0:+.3g}" for each in values)
    return f"{value}, 95 % interval {low} to {high}"
