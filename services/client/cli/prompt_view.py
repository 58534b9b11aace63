"""Prompts, as they are shown to a person."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.client.cli.batch_view import ago
from services.client.cli.explanation_view import explanation_panel
from services.client.cli.output import plain_table
from shared.schemas.prompts import (
    PromptAnswer,
    PromptContent,
    PromptDiff,
    PromptVersionAnswer,
    SplitAnswer,
    TryAnswer,
)

_NOTHING = "-"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def prompt_table(found: Iterable[PromptAnswer]) -> Table:
    table = plain_table("note type", "prompt", "since", "versions", "split")
    for one in found:
        since = ago(one.since) if one.since else _NOTHING
        table.add_row(one.note_type, one.serves, since, str(one.versions), one.split or "")
    return table


def version_table(found: Iterable[PromptVersionAnswer]) -> Table:
    table = plain_table("version", "status", "serves", "by", "added", "message")
    for one in found:
        style = "green" if one.status == "ready" else "red"
        table.add_row(
            one.name,
            Text(one.status, style=style),
            Text("✓", style="green") if one.serves else "",
            one.created_by,
            ago(one.created_at) if one.created_at else _NOTHING,
            Text(one.message),
        )
    return table


def version_view(version: PromptVersionAnswer) -> RenderableType:
    body = Group(*_content(version.content))
    title = Text.assemble((version.name, "bold not dim"), f"  {version.message}")
    return Panel(body, title=title, title_align="left", border_style="dim")


def diff_view(found: PromptDiff) -> RenderableType:
    if not found.changes:
        return Text(f"{found.before} and {found.after} say the same.")
    lines: list[Text] = []
    for change in found.changes:
        lines.append(Text(change.member, style="bold"))
        lines += [Text(line, style=_COLOURS.get(line[:1], "")) for line in change.lines]
    return Group(*lines)


def try_view(tried: TryAnswer, *, prompts: bool) -> RenderableType:
    """The summary, then how it came to be."""
    shown: list[RenderableType] = []
    if tried.summary is not None:
        shown += [Text(tried.summary.text), Text("")]
    if tried.explanation is not None:
        shown.append(explanation_panel(tried.explanation, prompts=prompts))
    return Group(*shown)


def split_view(split: SplitAnswer) -> RenderableType:
    table = plain_table(
        "version", "weight", "documents", "clean", "by the prompt", "accepted · edited · rejected"
    )
    for arm in split.figures.arms:
        clean = arm.clean
        table.add_row(
            arm.version,
            str(arm.weight),
            f"{arm.documents:,}",
            f"{clean.value:.1%} ({clean.low:.1%} to {clean.high:.1%})" if clean else _NOTHING,
            f"{arm.prompt:.1%}" if arm.prompt is not None else _NOTHING,
            f"{arm.accepted} · {arm.edited} · {arm.rejected}",
        )
    state = f"{split.id} of {split.note_type} is {split.status}, since {ago(split.started_at)}."
    if split.stopped_because:
        state += f" {split.stopped_because}"
    return Group(table, *_verdict(split), Text(state, style="dim"))


def _verdict(split: SplitAnswer) -> Iterator[Text]:
    difference = split.figures.difference
    if difference is not None:
        bounds = f"{difference.low:+.1%} to {difference.high:+.1%}"
        yield Text(f"Difference of clean summaries: {difference.value:+.1%} ({bounds}).")
    if split.figures.better is not None:
        number = split.figures.better.rpartition("/")[2]
        yield Text(f"{split.figures.better} does better.", style="green")
        yield Text(f"  → epicrisis prompts promote {split.note_type} {number} --reason …", "dim")


def _content(content: PromptContent) -> Iterator[RenderableType]:
    for name in ("system", "user", "prefix"):
        if text := getattr(content, name):
            yield Text(name, style="cyan")
            yield Text(text)
    facts = [f"at most {content.max_output_tokens} tokens"]
    if content.one_paragraph:
        facts.append("one paragraph")
    if content.retries:
        facts.append(f"{content.retries} stricter attempt(s)")
    if content.examples is not None:
        asked = content.examples
        facts.append(f"{asked.count} {asked.choice} example(s) of {asked.dataset}")
    facts += [f"{name} = {value}" for name, value in content.variables.items()]
    yield Text(" · ".join(facts), style="dim")
