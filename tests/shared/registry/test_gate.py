"""What passes the gate, and what it says where it does not."""

import pytest

from shared.registry.gate import LEAST_EXAMPLES, judge
from tests.factories.registry import figures

ME, BEFORE = "models:/visit/2", "models:/visit/1"
BETTER = {
    "rougeL": (2.0, 0.5, 3.5),
    "support": (0.0, -0.01, 0.01),
    "numbers": (-0.02, -0.05, 0.0),
    "entities": (0.01, 0.0, 0.02),
}


def test_better_in_the_metric_and_not_worse_in_faithfulness_passes() -> None:
    gate = judge(figures(ME, BEFORE, BETTER), ME, "rougeL", "eval_1")
    assert gate.passed
    assert {row.metric for row in gate.rows} == {"examples", *BETTER}
    assert all(row.passed and row.said for row in gate.rows)


@pytest.mark.parametrize(
    ("metric", "estimate"),
    [
        ("rougeL", (2.0, 0.0, 4.0)),
        ("rougeL", (-1.0, -2.0, -0.5)),
        ("support", (-0.05, -0.09, -0.001)),
        ("numbers", (-0.05, -0.09, -0.001)),
        ("entities", (-0.05, -0.09, -0.001)),
    ],
)
def test_one_condition_that_fails_stops_it(
    metric: str, estimate: tuple[float, float, float]
) -> None:
    gate = judge(figures(ME, BEFORE, {**BETTER, metric: estimate}), ME, "rougeL", "eval_1")
    assert not gate.passed
    (failed,) = [row for row in gate.rows if not row.passed]
    assert (failed.metric, failed.difference, failed.low, failed.high) == (metric, *estimate)


def test_what_was_not_measured_or_measured_beside_another_does_not_pass() -> None:
    without = {metric: one for metric, one in BETTER.items() if metric != "numbers"}
    assert not judge(figures(ME, BEFORE, without), ME, "rougeL", "eval_1").passed
    other = figures("models:/visit/3", BEFORE, BETTER)
    assert not judge(other, ME, "rougeL", "eval_1").passed
    beside = figures(ME, BEFORE, BETTER)
    beside.differences = [one.model_copy(update={"beside": "lead"}) for one in beside.differences]
    assert not judge(beside, ME, "rougeL", "eval_1").passed


def test_a_handful_of_examples_decides_nothing() -> None:
    few = figures(ME, BEFORE, BETTER).model_copy(update={"examples": LEAST_EXAMPLES - 1})
    gate = judge(few, ME, "rougeL", "eval_1")
    assert [row.metric for row in gate.rows if not row.passed] == ["examples"]
