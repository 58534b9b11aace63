"""An evaluation on the terminal: all candidates and baselines side by side."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from services.client.cli.output import err, plain_table
from shared.evaluations.remark import NAMES, written
from shared.schemas.evaluations import METRICS, CandidateFigures, Estimate, EvaluationAnswer

_STEPS = {
    "summarize": "Candidates summarize",
    "study": "Training examples are read",
    "score": "Summaries are scored",
}
_STYLES = {"candidate": "bold", "production": "cyan", "baseline": "dim"}


def follow_evaluation(answers: Iterable[EvaluationAnswer]) -> EvaluationAnswer:
    """Show each answer as it comes; returns the last."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("Waits", total=100.0)
        for answer in answers:
            said = _STEPS.get(answer.step or "", "Waits for a background worker")
            progress.update(task, description=said, completed=answer.percentage_done or 0.0)
    return answer


def evaluation_view(answer: EvaluationAnswer) -> RenderableType:
    """Metrics as rows, so that intervals fit; then what it took, and the remarks."""
    figures = answer.figures
    if figures is None:
        return Text(f"{answer.id}  {answer.status}", style="dim")
    head = Text(
        f"{answer.note_type} on {answer.dataset}, {answer.split}: {figures.examples} examples, "
        f"{figures.excluded} left out as learned from, {figures.leak_free} leak-free"
    )
    remarks = [Text(f"• {one}") for one in figures.remarks]
    return Group(head, Text(), _scores(figures.candidates), Text(), *remarks)


def _scores(candidates: list[CandidateFigures]) -> RenderableType:
    table = plain_table("")
    for one in candidates:
        table.add_column(Text(one.name, style=_STYLES[one.role]), justify="right")
    for metric in METRICS:
        cells = [_cell(metric, one.scores[metric]) for one in candidates]
        table.add_row(NAMES[metric], *cells)
    for name, form, scale in (
        ("failed", "{:.0f}", 1.0),
        ("input_tokens", "{:.0f}", 1.0),
        ("output_tokens", "{:.0f}", 1.0),
        ("seconds", "{:.3f}", 1.0),
        ("memory_bytes", "{:,.0f} MiB", 1 / 2**20),
    ):
        values = [None if one.role == "baseline" else getattr(one, name) for one in candidates]
        cells = ["" if value is None else form.format(value * scale) for value in values]
        table.add_row(Text(name.removesuffix("_bytes").replace("_", " "), style="dim"), *cells)
    return table


def _cell(metric: str, estimate: Estimate) -> str:
    """The mean, and its interval below, in the same unit."""
    value, low, high = (
        written(metric, each) for each in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value}\n{low.removesuffix(' %')}\u2013{high.removesuffix(' %')}"
