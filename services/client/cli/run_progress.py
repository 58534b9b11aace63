"""The progress of a training run: its step, how far, how long still, losses and ROUGE as they are.

On a terminal a bar; in a log a line at each step, and one now and then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.client.cli.output import err
from services.client.cli.progress import TimeLeftColumn
from services.client.http import Epicrisis
from shared.schemas.training import TrainingRunAnswer

_LINE_SECONDS = 10.0
_SHOWN = (
    ("train_loss", "loss", ".3f"),
    ("validation_loss", "validation", ".3f"),
    ("rougeL", "ROUGE-L", ".1f"),
)


@dataclass
class _Live:
    """What a run says between two looks: each measure's newest value, events not told yet."""

    client: Epicrisis
    run_id: str
    values: dict[str, float] = field(default_factory=dict)
    step: int = -1
    seq: int = 0

    def look(self) -> list[str]:
        """Take in what is new; returns the warnings and errors among it."""
        for point in self.client.run_points(self.run_id, after=self.step):
            self.step = point.step
            self.values |= {name: one for name, one in point.values.items() if one is not None}
        told = []
        for event in self.client.run_events(self.run_id, after=self.seq):
            self.seq = event.seq
            if event.level != "info":
                told.append(event.message)
        return told

    @property
    def measured(self) -> str:
        return "  ".join(
            f"{label} {self.values[name]:{form}}"
            for name, label, form in _SHOWN
            if name in self.values
        )


def follow_run(client: Epicrisis, run_id: str) -> TrainingRunAnswer:
    """Show the run until it is over or paused, and return it as it then is."""
    live = _Live(client, run_id)
    looks = client.watch_run(run_id)
    return _show_bar(live, looks) if err.is_terminal else _print_lines(live, looks)


def _show_bar(live: _Live, looks: Iterator[TrainingRunAnswer]) -> TrainingRunAnswer:
    run: TrainingRunAnswer | None = None
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(complete_style="green"),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[measured]}", style="cyan"),
        TimeElapsedColumn(),
        TimeLeftColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("Waiting", total=100.0, measured="")
        for run in looks:
            for message in live.look():
                progress.console.print(f"[yellow]! {escape(message)}[/]", soft_wrap=True)
            progress.update(
                task,
                description=doing(run),
                completed=run.percentage_done or 0.0,
                measured=live.measured,
                until=run.estimated_completion_at,
            )
    return _last(run)


def _print_lines(live: _Live, looks: Iterator[TrainingRunAnswer]) -> TrainingRunAnswer:
    run: TrainingRunAnswer | None = None
    said, said_at = "", monotonic()
    for run in looks:
        for message in live.look():
            err.print(f"[yellow]! {escape(message)}[/]", soft_wrap=True)
        if doing(run) != said or monotonic() - said_at >= _LINE_SECONDS:
            said, said_at = doing(run), monotonic()
            done = f"{run.percentage_done or 0.0:.0f} %"
            err.print(escape("  ".join(filter(None, [run.id, said, done, live.measured]))))
    return _last(run)


def doing(run: TrainingRunAnswer) -> str:
    """The step that it is at, or its state."""
    at = next((step.name for step in run.steps if step.status == "running"), None)
    return (at or run.status).capitalize()


def _last(run: TrainingRunAnswer | None) -> TrainingRunAnswer:
    if run is None:
        raise ValueError("A watched run is looked at once at least.")
    return run
