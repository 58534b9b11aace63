"""A batch, a list of batches, as they are shown to a person."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from services.client.cli.progress import attention_lines, duration
from services.client.wait import done_count
from shared.schemas.batches import BatchAnswer, GroupAnswer, RequestCounts

_COUNT_STYLES = {
    "completed": "green",
    "failed": "red",
    "rejected": "yellow",
    "running": "cyan",
    "queued": "dim",
    "cancelled": "magenta",
    "expired": "magenta",
}
_TROUBLE = ("failed", "rejected", "cancelled", "expired")
_STATUS_STYLES = {
    "completed": "green",
    "failed": "red",
    "expired": "red",
    "cancelled": "magenta",
    "cancelling": "magenta",
}


def batch_panel(batch: BatchAnswer) -> RenderableType:
    """One batch with all that is known of it."""
    counts = batch.request_counts
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    done = ProgressBar(total=max(counts.total, 1), completed=done_count(counts), width=40)
    grid.add_row("done", done)
    grid.add_row("documents", _join(_count_texts(counts)))
    grid.add_row("routes", _named(batch.routes.model_dump()))
    grid.add_row("note types", _named(batch.note_types))
    grid.add_row("group", batch.group or "-")
    grid.add_row("priority", batch.priority)
    grid.add_row("times", _times(batch))
    lines = [Text(f"! {line}", style="yellow") for line in attention_lines([batch])]
    title = Text.assemble((batch.id, "bold not dim"), "  ", status_text(batch.status))
    return Panel(Group(grid, *lines), title=title, title_align="left", border_style="dim")


def batch_table(batches: Sequence[BatchAnswer], group: GroupAnswer | None, *, wide: bool) -> Table:
    """A line a batch; under a group's, the sums over all of it. `wide`: there is room for names."""
    sums = (
        group.request_counts
        if group
        else RequestCounts(**dict.fromkeys(RequestCounts.model_fields, 0))
    )
    table = Table(box=None, pad_edge=False, header_style="dim", show_footer=group is not None)
    table.add_column("batch", footer="the whole group", no_wrap=True)
    table.add_column("status", footer=f"{group.batches} batches" if group else "", min_width=9)
    most = max([_done(sums), *(_done(batch.request_counts) for batch in batches)], key=len)
    table.add_column("done", footer=_done(sums), justify="right", min_width=len(most))
    table.add_column("trouble", footer=_trouble(sums))
    table.add_column("created")
    if wide:
        table.add_column("group")
    for batch in batches:
        counts = batch.request_counts
        names = [batch.group or ""] if wide else []
        table.add_row(
            batch.id,
            status_text(batch.status),
            _done(counts),
            _trouble(counts),
            ago(batch.created_at),
            *names,
        )
    return table


def status_text(status: str) -> Text:
    return Text(status.replace("_", " "), style=f"{_STATUS_STYLES.get(status, 'cyan')} not dim")


def ago(moment: datetime) -> str:
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return f"{duration(seconds - seconds % 60 if seconds > 60 else seconds)} ago"  # noqa: PLR2004 - a minute


def _count_texts(counts: RequestCounts) -> list[Text]:
    values = counts.model_dump()
    shown = [Text(f"{values[name]:,} {name}", style) for name, style in _COUNT_STYLES.items()]
    kept = [text for text, name in zip(shown, _COUNT_STYLES, strict=True) if values[name]]
    return [Text(f"{counts.total:,} in all", "bold"), *kept]


def _join(texts: Iterable[Text]) -> Text:
    return Text(" · ").join(texts)


def _done(counts: RequestCounts) -> str:
    return f"{done_count(counts):,}/{counts.total:,}"


def _trouble(counts: RequestCounts) -> Text:
    values = counts.model_dump()
    return _join(
        Text(f"{values[name]:,} {name}", _COUNT_STYLES[name]) for name in _TROUBLE if values[name]
    )


def _named(values: dict[str, int]) -> str:
    shown = [f"{name} {value:,}" for name, value in values.items() if value]
    return " · ".join(shown) or "-"


def _times(batch: BatchAnswer) -> str:
    times = [f"created {ago(batch.created_at)}"]
    if batch.completed_at is not None:
        took = (batch.completed_at - batch.created_at).total_seconds()
        times.append(f"done {ago(batch.completed_at)}, after {duration(took)}")
    elif batch.estimated_completion_at is not None:
        left = (batch.estimated_completion_at - datetime.now(UTC)).total_seconds()
        times.append(f"done in about {duration(left)}")
    if batch.results_expire_at is not None:
        times.append(f"results kept until {batch.results_expire_at.date().isoformat()}")
    return ", ".join(times)
