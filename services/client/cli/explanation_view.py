"""How a summary came to be, as it is shown to a person."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from shared.schemas.explanations import (
    DroppedSentence,
    ExplainedEvidence,
    ExplainedSentence,
    Explanation,
    LadderStep,
    Range,
)
from shared.schemas.summaries import Issue

_STEP_STYLES = {
    "used": "green",
    "passed_over": "dim",
    "stepped_down": "yellow",
    "retried": "yellow",
}


def explanation_panel(explained: Explanation, *, prompts: bool = False) -> RenderableType:
    """All of an explanation; the prompts, which hold the whole source again, only if asked for."""
    title = Text(explained.summary_id, style="bold not dim")
    title.append(f"  {explained.note_type}", style="not bold not dim magenta")
    body = Group(*_lines(explained, prompts=prompts))
    return Panel(body, title=title, title_align="left", border_style="dim")


def _lines(explained: Explanation, *, prompts: bool) -> Iterator[RenderableType]:
    yield Text(f"of {explained.document_id}, language {explained.language or 'unknown'}", "dim")
    yield from _headed("Ways", (_step(step) for step in explained.steps))
    made = explained.produced_by
    if versions := [name for name in (made.model_version, made.prompt_version) if name]:
        yield _indented(Text("  ".join(versions), "dim"))
    yield from _headed("Sentences", _sentences(explained.sentences))
    yield from _headed("Dropped", (_dropped(said) for said in explained.dropped))
    yield from _headed("Withheld", (_withheld(passage) for passage in explained.withheld))
    yield from _headed("Read", _read(explained, prompts=prompts))
    titles = " · ".join(found.title for found in explained.sections)
    yield from _headed("Sections of the source", [Text(titles)] if titles else [])
    yield from _headed("Policy now", [_policy(explained)])


def _headed(title: str, lines: Iterable[RenderableType]) -> Iterator[RenderableType]:
    """Nothing where there are no lines."""
    if shown := list(lines):
        yield Text(f"\n{title}", style="bold")
        yield from map(_indented, shown)


def _step(step: LadderStep) -> RenderableType:
    text = Text.assemble(
        (f"{_spoken(step.route)}  ", "bold"),
        (_spoken(step.outcome), _STEP_STYLES[step.outcome]),
        f"  {_spoken(step.reason)}",
    )
    if step.text is None:
        return text
    return Group(text, _indented(Text(f"“{_one_line(step.text)}”", "dim italic")))


def _sentences(sentences: Iterable[ExplainedSentence]) -> Iterator[RenderableType]:
    for said in sentences:
        yield _said(said.text, supported=said.supported, support=said.support)
        yield from (_indented(_issue(each)) for each in said.issues)
        yield from (_indented(_quote(each)) for each in said.evidence)


def _dropped(said: DroppedSentence) -> RenderableType:
    text = _said(said.text, supported=said.supported, support=said.support)
    return Group(text, *(_indented(_issue(each)) for each in said.issues))


def _said(said: str, *, supported: bool, support: float) -> Text:
    mark, style = ("✓", "green") if supported else ("?", "bold yellow")
    return Text.assemble((f"{mark} ", style), said, (f"  {support:.0%}", "dim"))


def _issue(issue: Issue) -> Text:
    return Text(f"! {_spoken(issue.check)}: {issue.text}", style="yellow")


def _quote(evidence: ExplainedEvidence) -> Text:
    where = f"{evidence.section}, " if evidence.section else ""
    quoted = f"“{_one_line(evidence.text)}” ({where}{evidence.start}-{evidence.end})"
    return Text(quoted, style="dim italic")


def _withheld(passage: Range) -> Text:
    return Text(f"{_place(passage)}: addressed to a model, given to none", style="yellow")


def _read(explained: Explanation, *, prompts: bool) -> Iterator[RenderableType]:
    for number, part in enumerate(explained.parts, start=1):
        places = ", ".join(_place(each) for each in part.ranges)
        tokens = f"{part.input_tokens:,} tokens in, {part.output_tokens:,} out"
        yield Text.assemble(f"part {number}: {places}", (f"  {tokens}", "dim"))
        if prompts:
            for turn in part.prompt:
                yield _indented(Text.assemble((f"{turn.role}\n", "cyan"), turn.content))


def _policy(explained: Explanation) -> Text:
    by_action: dict[str, list[str]] = {}
    for finding, action in explained.policy.items():
        by_action.setdefault(action, []).append(_spoken(finding))
    shown = (f"{_spoken(action)}: {', '.join(found)}" for action, found in by_action.items())
    return Text("\n".join(shown), style="dim")


def _place(passage: Range) -> str:
    return f"{passage.start}-{passage.end}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _indented(line: RenderableType) -> Padding:
    return Padding(line, (0, 0, 0, 2))
