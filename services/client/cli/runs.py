"""`epicrisis runs`: look at training runs, stop them, let them go on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.client.cli.connection import connect
from services.client.cli.output import Json, err, out, plain_table, print_json, print_line
from services.client.cli.run_view import run_panel, run_table, status_text
from services.client.cli.train import follow
from services.client.http import Epicrisis
from shared.schemas.training import TrainingRunAnswer

runs = typer.Typer(
    name="runs", help="Training runs: look, pause, resume, cancel.", no_args_is_help=True
)
Run = Annotated[str, typer.Argument(metavar="RUN", help="As run_…")]
_LEVEL_STYLES = {"info": "dim", "warning": "yellow", "error": "red"}


def register(app: typer.Typer) -> None:
    app.add_typer(runs)


@runs.command("list")
def list_runs(
    ctx: typer.Context,
    note_type: Annotated[str | None, typer.Option(metavar="T", help="Only of this one.")] = None,
    as_json: Json = False,
) -> None:
    """List the runs, newest first."""
    with connect(ctx) as client:
        found = list(client.training_runs(note_type=note_type))
    if as_json:
        print_json({"object": "list", "data": found})
    elif found:
        out.print(run_table(found))
    else:
        err.print("There is none yet: epicrisis train --note-type T --dataset NAME")


@runs.command()
def show(
    ctx: typer.Context,
    run: Run,
    watch: Annotated[bool, typer.Option("--watch", help="Follow it until it is over.")] = False,
    as_json: Json = False,
) -> None:
    """Show how far a run is, or what came of it."""
    with connect(ctx) as client:
        if watch:
            follow(client, run, as_json=as_json)
            return
        found = client.training_run(run)
    if as_json:
        print_json(found)
    else:
        out.print(run_panel(found))


@runs.command()
def cancel(ctx: typer.Context, run: Run, as_json: Json = False) -> None:
    """Stop a run for good, within ten seconds."""
    _change(ctx, run, Epicrisis.cancel_run, as_json=as_json)


@runs.command()
def pause(ctx: typer.Context, run: Run, as_json: Json = False) -> None:
    """Stop a run at a checkpoint from which it can go on; its device is free meanwhile."""
    _change(ctx, run, Epicrisis.pause_run, as_json=as_json)


@runs.command()
def resume(ctx: typer.Context, run: Run, as_json: Json = False) -> None:
    """Let a paused run go on."""
    _change(ctx, run, Epicrisis.resume_run, as_json=as_json)


@runs.command()
def events(
    ctx: typer.Context,
    run: Run,
    after: Annotated[int, typer.Option(min=0, help="Begin past this one.")] = 0,
    as_json: Json = False,
) -> None:
    """What has happened in a run, in words; with --json as NDJSON."""
    with connect(ctx) as client:
        found = client.run_events(run, after=after)
        if as_json:
            for event in found:
                print_line(event)
            return
        table = plain_table("seq", "at", "event", "")
        for event in found:
            at = event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
            style = _LEVEL_STYLES[event.level]
            table.add_row(str(event.seq), at, f"[{style}]{event.code}[/]", escape(event.message))
    out.print(table)


@runs.command()
def report(
    ctx: typer.Context,
    run: Run,
    output: Annotated[
        Path, typer.Option("-o", "--output", dir_okay=False, help="The page: FILE.html.")
    ],
    as_json: Json = False,
) -> None:
    """Write a run's curves and what they say as a page for people."""
    with connect(ctx) as client:
        page = client.run_page(run)
    part = output.with_name(output.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(page)
    part.replace(output)
    if as_json:
        print_json({"run": run, "output": str(output)})
    else:
        out.print(f"Written: {escape(str(output))}", soft_wrap=True)


def _change(
    ctx: typer.Context,
    run: str,
    change: Callable[[Epicrisis, str], TrainingRunAnswer],
    *,
    as_json: bool,
) -> None:
    with connect(ctx) as client:
        found = change(client, run)
    if as_json:
        print_json(found)
        return
    out.print(found.id, status_text(found.status))
    if found.status == "running":
        err.print(f"[dim]→[/] epicrisis runs show {found.id} --watch")
