"""The progress of batches on a terminal: documents, pace, the time left, what needs attention."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic

import typer
from rich.console import RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from services.client.cli.output import Exit, err
from services.client.http import Epicrisis
from services.client.wait import done_count, total_counts, watch
from shared.schemas.batches import FINAL_BATCH_STATUSES, BatchAnswer

_LINE_SECONDS = 10.0
_MINUTE = 60
_FEW_MINUTES = 600
_HOUR = 3600


class PaceColumn(ProgressColumn):
    """Documents a second, lately."""

    def render(self, task: Task) -> Text:
        if not task.speed:
            return Text("-/s", style="dim")
        return Text(f"{task.speed:,.1f}/s", style="cyan")


class TimeLeftColumn(ProgressColumn):
    """The server's estimate, which knows what else waits."""

    def render(self, task: Task) -> Text:
        until: datetime | None = task.fields.get("until")
        if task.finished or until is None:
            return Text("")
        return Text(f"{duration((until - datetime.now(UTC)).total_seconds())} left", style="cyan")


class BatchProgress(Progress):
    """One bar over all batches, and below it what keeps them from going on."""

    def __init__(self) -> None:
        self.attention: list[str] = []
        super().__init__(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=None, complete_style="green"),
            TextColumn("{task.fields[count]}"),
            TextColumn("{task.fields[trouble]}"),
            PaceColumn(),
            TimeElapsedColumn(),
            TimeLeftColumn(),
            console=err,
            expand=True,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        yield from (Text(f"  ! {line}", style="yellow") for line in self.attention)


def follow(client: Epicrisis, batch_ids: Sequence[str]) -> list[BatchAnswer]:
    """Show the batches until all are done, and return them.

    Ctrl-C ends the watching, not the work, and says how to go on.
    """
    try:
        show = _show_bar if err.is_terminal else _print_lines
        return show(client, batch_ids)
    except KeyboardInterrupt:
        err.print("\nThe work goes on without you. To watch it again:")
        for batch_id in batch_ids[:3]:
            err.print(f"  epicrisis status {batch_id} --watch")
        if len(batch_ids) > 3:  # noqa: PLR2004 - as many as above
            err.print("  … or repeat the command, which continues.")
        raise typer.Exit(Exit.INTERRUPTED) from None


def duration(seconds: float) -> str:
    """`42 s`, `3 min 20 s`, `40 min`, `1 h 20 min`."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _FEW_MINUTES:
        rest = whole % _MINUTE
        return f"{whole // _MINUTE} min" + (f" {rest} s" if rest else "")
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def _show_bar(client: Epicrisis, batch_ids: Sequence[str]) -> list[BatchAnswer]:
    batches: list[BatchAnswer] = []
    with BatchProgress() as progress:
        task = progress.add_task("Waiting", total=None, start=False, count="", trouble="")
        for batches in watch(client, batch_ids):
            counts = total_counts(batches)
            if not progress.tasks[task].started:
                progress.update(task, completed=done_count(counts))
                progress.start_task(task)
            progress.attention = attention_lines(batches)
            progress.update(
                task,
                description=_describe(batches),
                total=counts.total,
                completed=done_count(counts),
                count=f"[bold]{done_count(counts):,}[/] of {counts.total:,} documents",
                trouble=_trouble(counts.failed, counts.rejected),
                until=_until(batches),
            )
    return batches


def _print_lines(client: Epicrisis, batch_ids: Sequence[str]) -> list[BatchAnswer]:
    """For a log: a line now and then, and one when all is done."""
    batches: list[BatchAnswer] = []
    printed_at = monotonic()
    for batches in watch(client, batch_ids):
        if monotonic() - printed_at >= _LINE_SECONDS:
            printed_at = monotonic()
            _print_line(batches)
    _print_line(batches)
    return batches


def _print_line(batches: Sequence[BatchAnswer]) -> None:
    counts = total_counts(batches)
    trouble = _trouble(counts.failed, counts.rejected)
    err.print(f"{done_count(counts):,} of {counts.total:,} documents done {trouble}".rstrip())
    for line in attention_lines(batches):
        err.print(f"[yellow]! {escape(line)}[/]")


def attention_lines(batches: Sequence[BatchAnswer]) -> list[str]:
    """What a person should know, each thing once."""
    found = [batch.attention for batch in batches if batch.attention]
    return list(dict.fromkeys(f"{each.detail} ({each.code})" for each in found))


def _describe(batches: Sequence[BatchAnswer]) -> str:
    done = sum(batch.status in FINAL_BATCH_STATUSES for batch in batches)
    if len(batches) == 1:
        return batches[0].status.replace("_", " ").capitalize()
    return f"{done} of {len(batches)} batches"


def _trouble(failed: int, rejected: int) -> str:
    parts = [f"[red]{failed:,} failed[/]"] if failed else []
    parts += [f"[yellow]{rejected:,} rejected[/]"] if rejected else []
    return " ".join(parts)


def _until(batches: Sequence[BatchAnswer]) -> datetime | None:
    return max(
        (each.estimated_completion_at for each in batches if each.estimated_completion_at),
        default=None,
    )
