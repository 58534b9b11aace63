"""Model versions, the gate and the history, as they are shown to a person."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.client.cli.batch_view import ago
from services.client.cli.output import plain_table
from shared.schemas.registry import Gate, ModelAnswer, ModelVersionAnswer, PromotionAnswer

_STATUS_STYLES = {"ready": "green", "unusable": "yellow", "withdrawn": "red"}
_PROMPT = "the prompt"
_NOTHING = "-"


def model_table(found: Iterable[ModelAnswer]) -> Table:
    table = plain_table("note type", "served by", "since", "versions", "newest")
    for one in found:
        served: Text | str = one.serves or _PROMPT
        if one.production is not None and one.serves is None:
            served = Text(f"{_PROMPT}: {one.production} is unusable", style="yellow")
        since = ago(one.since) if one.since else _NOTHING
        table.add_row(one.note_type, served, since, str(one.versions), one.newest or _NOTHING)
    return table


def version_table(found: Iterable[ModelVersionAnswer]) -> Table:
    table = plain_table("version", "status", "production", "base", "method", "dataset", "made")
    for one in found:
        table.add_row(
            one.name,
            _status(one),
            Text("✓", style="green") if one.in_production else "",
            one.base_model,
            one.method,
            one.dataset,
            ago(one.created_at),
        )
    return table


def version_panel(version: ModelVersionAnswer) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in _facts(version):
        grid.add_row(name, Text(value))
    parts: list[RenderableType] = [grid]
    if version.withdrawn_because is not None:
        parts.append(Text(f"\nWithdrawn: {version.withdrawn_because}", style="red"))
    number = f"{version.note_type} {version.number}"
    parts.append(Text(f"\nIts card: epicrisis models show {number} --card", style="dim"))
    title = Text.assemble((version.name, "bold not dim"), "  ", _status(version))
    return Panel(Group(*parts), title=title, title_align="left", border_style="dim")


def gate_table(gate: Gate) -> Table:
    table = plain_table("gate", "", "candidate", "production", "difference", "95 % interval", "")
    for row in gate.rows:
        mark = Text("✓", style="green") if row.passed else Text("✗", style="red")
        interval = ""
        if row.low is not None and row.high is not None:
            interval = f"{row.low:+.3g} to {row.high:+.3g}"
        difference = "" if row.difference is None else f"{row.difference:+.3g}"
        shown = (_figure(row.candidate), _figure(row.production), difference, interval)
        table.add_row(row.metric, mark, *shown, row.said)
    return table


def history_table(found: Iterable[PromotionAnswer], without: str) -> Table:
    """`without`: what serves when no version is in production."""
    table = plain_table("when", "what", "served by", "gate", "by", "reason")
    for one in found:
        gate = "" if one.gate is None else ("passed" if one.gate.passed else "not passed")
        table.add_row(
            one.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            one.action,
            one.version or without,
            Text("overridden", style="yellow") if one.override else gate,
            one.actor,
            Text(one.reason),
        )
    return table


def _facts(version: ModelVersionAnswer) -> Iterator[tuple[str, str]]:
    manifest, parity = version.manifest, version.parity
    yield "in production", "yes" if version.in_production else "no"
    yield "base", version.base_model
    yield "method", version.method
    yield "dataset", version.dataset
    if version.run:
        yield "run", version.run
    yield "model", f"{manifest.architecture}, {version.parameters:,} parameters"
    window = f"{manifest.max_source_tokens:,} in, {manifest.max_target_tokens:,} out"
    yield "tokens", f"{window}, {manifest.num_beams} beam(s)"
    yield "licence", manifest.licence or _NOTHING
    measured = {name: value for name, value in manifest.metrics.items() if value is not None}
    if measured:
        yield "best step", " · ".join(f"{name} {value:.4g}" for name, value in measured.items())
    verdict = "passed" if parity.passed else "not passed: never served"
    agreed = f"{parity.same_tokens:.1%} of tokens alike on {parity.examples} examples"
    yield "fast form", f"{parity.compute_type}, parity {verdict} ({agreed})"
    yield "digest", version.digest
    yield "made", ago(version.created_at)


def _status(version: ModelVersionAnswer) -> Text:
    return Text(version.status, style=f"{_STATUS_STYLES[version.status]} not dim")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
