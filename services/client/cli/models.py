"""`epicrisis models`."""

from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.client.cli.connection import connect
from services.client.cli.model_view import (
    gate_table,
    history_table,
    model_table,
    version_panel,
    version_table,
)
from services.client.cli.output import Json, err, out, print_json
from services.client.errors import Conflict
from shared.schemas.registry import Gate, ProductionAnswer, PromoteRequest

_SHOWN = 200

models = typer.Typer(
    name="models",
    help="Model versions: what serves each note type, and how that changes.",
    no_args_is_help=True,
)
NoteType = Annotated[str, typer.Argument(metavar="T", help="A note type: visit")]
Version = Annotated[int, typer.Argument(metavar="V", min=1, help="A version's number.")]
Reason = Annotated[str, typer.Option(help="Why; the history keeps it. No patient's data.")]
Why = Annotated[str | None, typer.Option("--reason", help="Why; the history keeps it.")]


def register(app: typer.Typer) -> None:
    app.add_typer(models)


@models.command("list")
def list_models(
    ctx: typer.Context,
    note_type: Annotated[
        str | None, typer.Argument(metavar="[T]", help="Its versions; else every note type.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the note types with what serves each, or the versions of one."""
    with connect(ctx) as client:
        if note_type is None:
            known = list(client.models())
            if as_json:
                print_json({"object": "list", "data": known})
            else:
                out.print(model_table(known))
            return
        found = list(client.model_versions(note_type))
    if as_json:
        print_json({"object": "list", "data": found})
    elif found:
        out.print(version_table(found))
    else:
        err.print(f"There is none yet: epicrisis train --note-type {note_type} --dataset NAME@V")


@models.command()
def show(
    ctx: typer.Context,
    note_type: NoteType,
    version: Version,
    card: Annotated[bool, typer.Option("--card", help="The model card, as Markdown.")] = False,
    as_json: Json = False,
) -> None:
    """Show a version: what it came from, how it is served, how it did."""
    with connect(ctx) as client:
        found = client.model_version(note_type, version)
    if as_json:
        print_json(found)
    elif card:
        typer.echo(found.card or "", nl=False)
    else:
        out.print(version_panel(found))


@models.command()
def promote(  # noqa: PLR0913 - a command's options
    ctx: typer.Context,
    note_type: NoteType,
    version: Version,
    reason: Reason,
    override: Annotated[
        bool, typer.Option("--override", help="Also if the gate is not passed; it is written down.")
    ] = False,
    expected_production: Annotated[
        int | None,
        typer.Option(metavar="V", min=0, help="Only if this version is in production; 0: none."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a version into production: it has to pass the gate, or to be promoted past it."""
    request = PromoteRequest(
        version=version, reason=reason, override=override, expected_production=expected_production
    )
    with connect(ctx) as client:
        try:
            answer = client.promote_model(note_type, request)
        except Conflict as refused:
            if refused.problem.gate is not None and not as_json:
                err.print(gate_table(Gate.model_validate(refused.problem.gate)))
            raise
    _show_change(answer, as_json=as_json)


@models.command()
def rollback(
    ctx: typer.Context, note_type: NoteType, reason: Why = None, as_json: Json = False
) -> None:
    """Go back to what served before; once more goes further back."""
    with connect(ctx) as client:
        _show_change(client.roll_back_model(note_type, reason), as_json=as_json)


@models.command()
def demote(
    ctx: typer.Context, note_type: NoteType, reason: Why = None, as_json: Json = False
) -> None:
    """Take what is in production out of it: the prompt serves."""
    with connect(ctx) as client:
        _show_change(client.demote_model(note_type, reason), as_json=as_json)


@models.command()
def withdraw(  # noqa: PLR0913 - a command's options
    ctx: typer.Context,
    note_type: NoteType,
    version: Version,
    reason: Reason,
    redo: Annotated[
        bool, typer.Option("--redo", help="Summarize again what it had summarized.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take a version out for good: it never serves again, and its summaries say so."""
    with connect(ctx) as client:
        answer = client.withdraw_model(note_type, version, reason, redo=redo)
    _show_change(answer, as_json=as_json)


@models.command()
def history(
    ctx: typer.Context,
    note_type: NoteType,
    at: Annotated[
        datetime | None, typer.Option(help="What served then, in this machine's time.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what served when, and who decided it."""
    with connect(ctx) as client:
        if at is not None:
            then = client.production_at(note_type, at.astimezone())
            if as_json:
                print_json(then)
            else:
                out.print(then.version or "the prompt")
            return
        found = list(islice(client.model_history(note_type), None if as_json else _SHOWN))
    if as_json:
        print_json({"object": "list", "data": found})
    elif found:
        out.print(history_table(found))
    else:
        err.print("No version was ever in production: the prompt serves.")


@models.command()
def export(
    ctx: typer.Context,
    note_type: NoteType,
    version: Version,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="Empty, or not there yet.")
    ],
    as_json: Json = False,
) -> None:
    """Write a version's files in Hugging Face layout, each checked against its digest."""
    with connect(ctx) as client:
        manifest = client.export_model(note_type, version, folder)
    if as_json:
        print_json({"folder": str(folder), **manifest.model_dump(mode="json")})
        return
    size = sum(file.size for file in manifest.files) / 1e6
    written = f"{manifest.version.name}: {len(manifest.files)} files, {size:,.1f} MB, "
    out.print(f"{written}in {escape(str(folder))}", soft_wrap=True)


def _show_change(answer: ProductionAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    if answer.gate is not None:
        out.print(gate_table(answer.gate))
    serves, before = answer.version or "the prompt", answer.before or "the prompt"
    changed = "" if serves == before else f", before it {before}"
    out.print(f"{answer.note_type} is served by {serves}{changed}.", markup=False)
    if answer.summaries_withdrawn is not None:
        out.print(f"{answer.summaries_withdrawn:,} summaries are marked as withdrawn.")
    if answer.redo_batch is not None:
        out.print(f"They are made again in {answer.redo_batch}.", soft_wrap=True)
