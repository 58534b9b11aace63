"""A training run, a list of runs, as they are shown to a person."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from services.client.cli.batch_view import ago
from services.client.cli.output import plain_table
from services.client.cli.progress import duration
from shared.schemas.training import Diagnosis, Preflight, TrainingRunAnswer

_STATUS_STYLES = {
    "succeeded": "green",
    "failed": "red",
    "cancelled": "magenta",
    "paused": "yellow",
    "running": "cyan",
    "queued": "dim",
}
_STEP_MARKS = {"succeeded": "✓", "running": "▸", "failed": "✗", "cancelled": "✗", "waiting": "·"}
_GIB = 2**30
_NOTHING = "-"


def run_panel(run: TrainingRunAnswer) -> RenderableType:
    """One run with all that is known of it."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("done", ProgressBar(total=100.0, completed=run.percentage_done or 0.0, width=40))
    for name, value in _facts(run):
        grid.add_row(name, value)
    parts: list[RenderableType] = [grid]
    if run.error is not None:
        parts.append(Text(f"\n{run.error.message} ({run.error.code})", style="red"))
        if run.error.how_to_fix:
            parts.append(Text(f"→ {run.error.how_to_fix}", style="dim"))
    if run.diagnosis is not None:
        parts += diagnosis_lines(run.diagnosis)
    title = Text.assemble((run.id, "bold not dim"), "  ", status_text(run.status))
    return Panel(Group(*parts), title=title, title_align="left", border_style="dim")


def run_table(runs: Iterable[TrainingRunAnswer]) -> Table:
    table = plain_table("id", "status", "done", "note type", "dataset", "base", "made", "created")
    for run in runs:
        table.add_row(
            run.id,
            status_text(run.status),
            f"{run.percentage_done or 0.0:.0f} %",
            run.note_type,
            run.dataset,
            run.base_model,
            run.model_version or _NOTHING,
            ago(run.created_at),
        )
    return table


def diagnosis_lines(diagnosis: Diagnosis) -> Iterator[Text]:
    """What the curves say, the verdict first."""
    good = diagnosis.verdict == "healthy"
    style = "green" if good else "yellow"
    yield Text(f"\n{'✓' if good else '!'} {diagnosis.summary}", style=style)
    yield from (Text(f"  · {finding}") for finding in diagnosis.findings)


def status_text(status: str) -> Text:
    return Text(status, style=f"{_STATUS_STYLES.get(status, 'default')} not dim")


def steps_in_words(run: TrainingRunAnswer) -> str:
    return "  ".join(f"{_STEP_MARKS[step.status]} {step.name}" for step in run.steps)


def _facts(run: TrainingRunAnswer) -> Iterator[tuple[str, str]]:
    yield "steps", steps_in_words(run)
    yield "note type", run.note_type
    yield "dataset", run.dataset
    yield "base", f"{run.base_model}, {run.method}, seed {run.seed}"
    if run.preflight is not None:
        yield from _preflight(run.preflight)
    if changed := _named(run.hyperparameters):
        yield "settings", changed
    if run.outcome is not None:
        yield from _outcome(run.outcome)
    if run.best_step is not None:
        yield "best step", f"{run.best_step:,}"
    if run.model_version is not None:
        yield "model version", run.model_version
    if run.evaluation is not None:
        yield "evaluation", run.evaluation
    if run.trigger is not None:
        yield "started by", run.trigger
    yield "created", ago(run.created_at)
    if run.started_at is not None and run.ended_at is not None:
        yield "took", duration((run.ended_at - run.started_at).total_seconds())


def _preflight(preflight: Preflight) -> Iterator[tuple[str, str]]:
    forecast = preflight.forecast
    yield "examples", _named(preflight.examples)
    yield (
        "cut off",
        (
            f"{100 * preflight.source_cut:.1f} % of sources, {100 * preflight.target_cut:.1f} % of "
            "targets"
        ),
    )
    yield (
        "forecast",
        (
            f"{duration(forecast.seconds)} for {forecast.steps:,} steps, "
            f"{forecast.memory_bytes / _GIB:.1f} GiB of {forecast.available_bytes / _GIB:.1f}"
        ),
    )
    for advice in preflight.advice:
        yield "advice", advice


def _outcome(outcome: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    measured = outcome.get("measured")
    if isinstance(measured, Mapping):
        numbers = {name: one for name, one in measured.items() if isinstance(one, int | float)}
        yield "at its best", " · ".join(f"{name} {one:.4g}" for name, one in numbers.items())
    if isinstance(seconds := outcome.get("seconds"), int | float):
        yield "trained for", duration(float(seconds))


def _named(values: Mapping[str, Any]) -> str:
    return " · ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in _flat(values)
        if value is not None
    )


def _flat(values: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """As `--set` names them: `early_stopping.patience`."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value
