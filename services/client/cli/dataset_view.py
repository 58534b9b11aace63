"""A dataset version, a list of datasets, decisions, as they are shown to a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from services.client.cli.batch_view import ago
from services.client.cli.output import err, plain_table
from shared.schemas.dataset_reports import Report
from shared.schemas.datasets import (
    Counts,
    DatasetAnswer,
    DatasetVersionAnswer,
    DecisionLine,
    Recipe,
)

_STATUS_STYLES = {"ready": "green", "failed": "red", "running": "cyan", "queued": "dim"}
_DECISION_STYLES = {"keep": "green", "drop": "yellow", "reject": "red"}
_LEVELS = {"act": ("!", "yellow"), "know": ("·", "default"), "good": ("✓", "green")}
_NOTHING = "-"


def version_panel(version: DatasetVersionAnswer) -> RenderableType:
    """One version with all that is known of it, but for the report's figures."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in _facts(version):
        grid.add_row(name, value)
    parts: list[RenderableType] = [grid]
    if version.error is not None:
        parts.append(Text(f"\n{version.error.message} ({version.error.code})", style="red"))
        if version.error.how_to_fix:
            parts.append(Text(f"→ {version.error.how_to_fix}", style="dim"))
    if version.report is not None:
        parts += _remark_lines(version.report)
    title = Text.assemble((version.name, "bold not dim"), "  ", _status(version))
    return Panel(Group(*parts), title=title, title_align="left", border_style="dim")


def _remark_lines(report: Report) -> Iterator[Text]:
    """What the report wants a person to look at, and what to do about it."""
    for remark in report.remarks:
        mark, style = _LEVELS[remark.level]
        yield Text(f"{mark} {remark.text}", style=style)
        if remark.next:
            yield Text(f"  → {remark.next}", style="dim")


def dataset_table(found: Iterable[DatasetAnswer]) -> Table:
    table = plain_table("dataset", "versions", "newest", "status", "kept", "use", "note type")
    for one in found:
        if (newest := one.newest) is None:
            table.add_row(one.name, str(one.versions), _NOTHING)
            continue
        kept = f"{newest.counts.kept:,}/{newest.counts.rows:,}" if newest.counts.rows else ""
        table.add_row(
            one.name,
            str(one.versions),
            newest.name,
            _status(newest),
            kept,
            newest.permitted_use,
            newest.note_type,
        )
    return table


def decision_table(decisions: Sequence[DecisionLine]) -> Table:
    table = plain_table("line", "decision", "reason", "split", "kind", "detail")
    for one in decisions:
        table.add_row(
            str(one.line),
            Text(one.decision, style=_DECISION_STYLES[one.decision]),
            one.reason or ", ".join(one.findings),
            one.split or "",
            one.kind.replace("_", " "),
            one.detail or "",
        )
    return table


def follow_version(looks: Iterator[DatasetVersionAnswer]) -> DatasetVersionAnswer:
    """Show each look at a version as it comes: on a terminal a bar, in a log a line a step."""
    return _show_bar(looks) if err.is_terminal else _print_steps(looks)


def _show_bar(looks: Iterator[DatasetVersionAnswer]) -> DatasetVersionAnswer:
    version: DatasetVersionAnswer | None = None
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(complete_style="green")
    share = TextColumn("{task.percentage:>3.0f} %")
    with Progress(*columns, share, TimeElapsedColumn(), console=err, transient=True) as progress:
        task = progress.add_task("Waiting", total=100.0)
        for version in looks:
            progress.update(
                task, description=_doing(version), completed=version.percentage_done or 0.0
            )
    return _last(version)


def _print_steps(looks: Iterator[DatasetVersionAnswer]) -> DatasetVersionAnswer:
    version: DatasetVersionAnswer | None = None
    said = ""
    for version in looks:
        if (doing := _doing(version)) != said:
            said = doing
            done = version.percentage_done
            err.print(f"{version.name}: {doing}" + (f", {done:.0f} %" if done is not None else ""))
    return _last(version)


def _last(version: DatasetVersionAnswer | None) -> DatasetVersionAnswer:
    if version is None:
        raise ValueError("A watched version is looked at once at least.")
    return version


def _doing(version: DatasetVersionAnswer) -> str:
    return (version.step or version.status).replace("_", " ").capitalize()


def _status(version: DatasetVersionAnswer) -> Text:
    return Text(version.status, style=f"{_STATUS_STYLES[version.status]} not dim")


def _facts(version: DatasetVersionAnswer) -> Iterator[tuple[str, str]]:
    counts = version.counts
    if version.status == "running":
        yield "step", f"{_doing(version)}, {version.percentage_done or 0.0:.0f} %"
    if counts.rows:
        yield "rows", _rows(counts)
        yield "splits", _named(counts.splits)
        if counts.reasons:
            yield "findings", _named(counts.reasons)
    yield "note type", version.note_type
    yield "origin", version.origin
    yield "licence", version.licence or _NOTHING
    yield "permitted use", version.permitted_use
    yield "patient data", "yes" if version.holds_patient_data else "no"
    if version.derived_from:
        yield "derived from", version.derived_from
    if made := _made(version.recipe):
        yield "made by", made
    yield "created", ago(version.created_at)


def _rows(counts: Counts) -> str:
    others = {
        "kept": counts.kept,
        "dropped": counts.dropped,
        "rejected": counts.rejected,
        "flagged": counts.flagged,
        "augmented": counts.augmented,
        "pseudo-labelled": counts.pseudo_labelled,
        "without a target": counts.without_target,
    }
    shown = [f"{count:,} {name}" for name, count in others.items() if count]
    return " · ".join([f"{counts.rows:,} in all", *shown])


def _made(recipe: Recipe) -> str:
    return ", ".join(f"{name}@{version}" for name, version in recipe.steps.items())


def _named(values: Mapping[Any, int]) -> str:
    return " · ".join(f"{name} {count:,}" for name, count in values.items() if count) or _NOTHING
