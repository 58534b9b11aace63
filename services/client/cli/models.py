"""`epicrisis models`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.client.cli.connection import connect
from services.client.cli.model_view import (
    model_table,
    version_panel,
    version_table,
)
from services.client.cli.output import Json, err, out, print_json
from services.client.cli.registry import NoteType, Version, add_verbs

models = typer.Typer(
    name="models",
    help="Model versions: what serves each note type, and how that changes.",
    no_args_is_help=True,
)


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


add_verbs(models, lambda client: client.model_registry)
