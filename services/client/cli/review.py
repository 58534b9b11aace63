"""`epicrisis review`: what a person says about a summary."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from services.client.cli.batch_view import ago
from services.client.cli.connection import connect
from services.client.cli.editor import edit
from services.client.cli.output import Json, err, out, print_json
from services.client.cli.result_view import summary_lines
from services.client.http import Epicrisis
from shared.schemas.reviews import ReviewAnswer, ReviewTask, Selection
from shared.schemas.summaries import Verdict

Say = Literal["accept", "reject", "edit"]
_VERDICTS: dict[Say, Verdict] = {"accept": "accepted", "reject": "rejected", "edit": "edited"}
_STYLES: dict[Verdict, str] = {"accepted": "green", "edited": "cyan", "rejected": "red"}
_NEXT = "next"
_DASH = "-"


def register(app: typer.Typer) -> None:
    app.command()(review)


def review(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    summary: Annotated[
        str, typer.Argument(metavar="SUMMARY|next", help="An id, or the next that waits for one.")
    ],
    say: Annotated[
        Say | None, typer.Argument(help="Without one, the reviews that there are.")
    ] = None,
    text_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The corrected summary, with edit; '-' for stdin. Without it, $EDITOR is opened.",
        ),
    ] = None,
    select: Annotated[
        Selection | None, typer.Option(help="With next: any, or the newest with a finding.")
    ] = None,
    note_type: Annotated[str | None, typer.Option(help="With next: of this kind only.")] = None,
    as_json: Json = False,
) -> None:
    """Show the next summary to review beside its source, or say what a summary is worth.

    What `next` shows is offered to nobody else for 15 minutes. A summary's own text stays as it is;
    the newest review holds.
    """
    if text_file is not None and say != "edit":
        raise typer.BadParameter("It comes with edit only.", param_hint="--text-file")
    if summary == _NEXT:
        if say is not None:
            raise typer.BadParameter("Name the summary that it is said about.")
        with connect(ctx) as client:
            task = client.next_review(select=select or "random", note_type=note_type)
        _show_task(task, as_json=as_json)
        return
    if select is not None or note_type is not None:
        raise typer.BadParameter("It comes with next only.", param_hint="--select, --note-type")
    with connect(ctx) as client:
        if say is None:
            _show_reviews(client.reviews(summary), as_json=as_json)
            return
        text = _corrected(client, summary, text_file) if say == "edit" else None
        _show_review(client.review(summary, _VERDICTS[say], text), as_json=as_json)


def _corrected(client: Epicrisis, summary: str, text_file: str | None) -> str:
    """What the person gives in place of the summary; typer.Abort when they change nothing."""
    if text_file == _DASH:
        return sys.stdin.read().strip()
    if text_file is not None:
        try:
            return Path(text_file).read_bytes().decode().strip()
        except UnicodeDecodeError:
            raise typer.BadParameter("It is not UTF-8.", param_hint="--text-file") from None
    if not sys.stdin.isatty():
        raise typer.BadParameter("Without a terminal, edit needs it.", param_hint="--text-file")
    before = client.summary(summary).text
    after = edit(before)
    if after in ("", before.strip()):
        raise typer.Abort
    return after


def _show_task(task: ReviewTask | None, *, as_json: bool) -> None:
    if as_json:
        print_json(task or {"object": "review_task", "summary": None})
    elif task is None:
        err.print("Nothing waits for a review.")
    else:
        out.print(_task_panel(task))
        what = f"epicrisis review {escape(task.summary.id)} accept|edit|reject"
        until = f"{task.offered_until.astimezone():%H:%M}"
        err.print(f"[dim]It is yours until {until}.\n→[/] {what}", soft_wrap=True)


def _task_panel(task: ReviewTask) -> RenderableType:
    title = Text.assemble((task.summary.id, "bold not dim"), (f"  {task.note_type}", "magenta"))
    body = Group(
        Text("Source", style="bold"),
        Padding(Text(task.text.strip()), (0, 0, 1, 2)),
        Text("Summary", style="bold"),
        *(Padding(line, (0, 0, 0, 2)) for line in summary_lines(task.summary, task.text)),
    )
    return Panel(body, title=title, title_align="left", border_style="dim")


def _show_reviews(found: list[ReviewAnswer], *, as_json: bool) -> None:
    if as_json:
        print_json({"object": "list", "data": found})
    elif not found:
        err.print("No one has reviewed it yet.")
    else:
        for one in found:
            out.print(_review_line(one))


def _show_review(said: ReviewAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(said)
    else:
        out.print(_review_line(said))


def _review_line(said: ReviewAnswer) -> Text:
    line = Text(said.verdict, style=_STYLES[said.verdict])
    line.append(f"  {ago(said.created_at)} by {said.reviewer}", style="dim")
    if said.text is not None:
        line.append(f"\n{said.text}", style="default")
    return line
