"""A summary with where each sentence comes from, as it is shown to a person."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from shared.schemas.batches import ResultError, ResultLine
from shared.schemas.summaries import Evidence, Sentence, SummaryAnswer

_QUOTE_CHARACTERS = 110
_ROUTE_STYLES = {"fine_tuned": "green", "prompt": "cyan", "extractive": "blue"}
_WHAT_TO_DO = {  # what was rejected says it itself
    "failed": "Try again with `epicrisis retry BATCH`.",
    "cancelled": "Submit it again if it is still wanted.",
    "expired": "Submit it again, in smaller batches or with a higher priority.",
}


def result_panel(line: ResultLine, *, source: str | None = None) -> RenderableType:
    """One result. With the document's text as `source`, each sentence has a quotation."""
    title = Text(line.custom_id, style="bold not dim")
    if line.note_type:
        title.append(f"  {line.note_type}", style="not bold not dim magenta")
    if line.summary is None:
        body: RenderableType = _no_summary(line)
        border = "yellow" if line.status == "rejected" else "red"
    else:
        body = Group(*summary_lines(line.summary, source))
        border = "dim"
    return Panel(body, title=title, title_align="left", border_style=border)


def summary_lines(summary: SummaryAnswer, source: str | None) -> Iterator[RenderableType]:
    """A summary with its route; with the document's text, each sentence with a quotation."""
    made = summary.produced_by
    route = Text(made.route.replace("_", " "), style=_ROUTE_STYLES[made.route])
    route.append(f"  {made.reason.replace('_', ' ')}", style="dim")
    route.append(f"  read {summary.quality.coverage:.0%} of the source", style="dim")
    yield route
    yield from _life(summary)
    for sentence in summary.sentences:
        yield _sentence(sentence)
        if source is not None:
            yield from (_quote(each, source) for each in sentence.evidence[:1])
    for warning in summary.warnings:
        yield Text(f"! {warning.replace('_', ' ')}", style="yellow")


def _life(summary: SummaryAnswer) -> Iterator[Text]:
    """What has become of the note since, before anybody reads on."""
    if summary.withdrawn_at is not None:
        moment = summary.withdrawn_at.strftime("%Y-%m-%d %H:%M")
        recalled = {"model_withdrawn", "prompt_withdrawn"} & set(summary.warnings)
        why = "its model version was" if recalled else "the note was entered in error"
        yield Text(f"! withdrawn {moment}: {why}", style="bold red")
    if summary.superseded_by is not None:
        yield Text(f"! superseded by {summary.superseded_by}", style="bold yellow")
    if summary.replaces is not None:
        yield Text(f"replaces {summary.replaces}", style="dim")
    if summary.reused_from is not None:
        yield Text(f"reused from {summary.reused_from}", style="dim")
    if summary.review.state != "none":
        yield Text(f"{summary.review.state} by a reviewer", style="dim")


def _sentence(sentence: Sentence) -> Text:
    # A reader who sees a tick reads no further.
    sound = sentence.supported and not sentence.issues
    mark, style = ("✓", "green") if sound else ("?", "bold yellow")
    text = Text.assemble((f"{mark} ", style), sentence.text)
    text.append(f"  {sentence.support:.0%}", style="dim")
    for issue in sentence.issues:
        text.append(f"  {issue.check.replace('_', ' ')}: {issue.text}", style="yellow")
    return text


def _quote(evidence: Evidence, source: str) -> RenderableType:
    quoted = " ".join(source[evidence.start : evidence.end].split())
    if len(quoted) > _QUOTE_CHARACTERS:
        quoted = quoted[: _QUOTE_CHARACTERS - 1] + "…"
    where = f"{evidence.section}, " if evidence.section else ""
    text = Text(f"“{quoted}” ({where}{evidence.start}-{evidence.end})", style="dim italic")
    return Padding(text, (0, 0, 0, 4))


def _no_summary(line: ResultLine) -> Text:
    error = line.error or ResultError(code=line.status, message="There is no summary.")
    where = f", line {error.line}" if error.line else ""
    text = Text.assemble((f"{line.status}{where}", "bold"), (f"  {error.code}\n", "dim"))
    text.append(error.message)
    if advice := _WHAT_TO_DO.get(line.status):
        text.append(f"\n→ {advice}", "dim")
    return text
