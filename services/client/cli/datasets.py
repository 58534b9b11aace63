"""`epicrisis datasets`: examples that models are trained and measured on."""

import os
import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.client.cli.connection import connect
from services.client.cli.dataset_add import add
from services.client.cli.dataset_derive import derive
from services.client.cli.dataset_options import parse_reference, parse_version
from services.client.cli.dataset_view import (
    dataset_table,
    decision_table,
    version_panel,
)
from services.client.cli.output import Json, err, out, print_json, print_line
from services.client.errors import EpicrisisClientError
from shared.schemas.datasets import DatasetVersionAnswer, Decided

_SHOWN = 200
"""Decisions on a terminal; a pipe gets all."""

datasets = typer.Typer(
    name="datasets",
    help="Examples that models are trained and measured on, in versions that never change.",
    no_args_is_help=True,
)
Reference = Annotated[
    str, typer.Argument(metavar="NAME[@V]", help="visits@3; without a number the newest.")
]
Version = Annotated[str, typer.Argument(metavar="NAME@V", help="As visits@3.")]

datasets.command()(add)
datasets.command()(derive)


def register(app: typer.Typer) -> None:
    app.add_typer(datasets)


@datasets.command()
def report(
    ctx: typer.Context,
    version: Reference,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", dir_okay=False, help="The report as a page: FILE.html."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a version holds: figures and remarks; -o writes the page with the pictures."""
    name, number = parse_reference(version)
    with connect(ctx) as client:
        found = client.dataset_version(name, number)
        _check_ready(found)
        if output is not None:
            _write_private(output, client.dataset_page(name, found.number))
    if as_json:
        print_json({"name": found.name, "output": output and str(output), "report": found.report})
    elif output is not None:
        out.print(f"Written: {escape(str(output))}", soft_wrap=True)
        err.print("[dim]It quotes rows: keep it as you keep them.[/]")
    else:
        out.print(version_panel(found))
        err.print(f"[dim]As a page: epicrisis datasets report {found.name} -o report.html[/]")


@datasets.command()
def show(ctx: typer.Context, version: Reference, as_json: Json = False) -> None:
    """Show how far a version is, or what came of it."""
    name, number = parse_reference(version)
    with connect(ctx) as client:
        found = client.dataset_version(name, number)
    if as_json:
        print_json(found)
    else:
        out.print(version_panel(found))


@datasets.command()
def decisions(
    ctx: typer.Context,
    version: Version,
    decision: Annotated[Decided | None, typer.Option(help="Only these.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Begin past this line.")] = 0,
    as_json: Json = False,
) -> None:
    """What became of each row, and why: to a terminal as a table, to a pipe as NDJSON."""
    name, number = parse_version(version)
    with connect(ctx) as client:
        every = client.dataset_decisions(name, number, after=after)
        found = (one for one in every if decision in (None, one.decision))
        if as_json or not sys.stdout.isatty():
            for one in found:
                print_line(one)
            return
        page = list(islice(found, _SHOWN + 1))
    out.print(decision_table(page[:_SHOWN]))
    if len(page) > _SHOWN:
        more = f"epicrisis datasets decisions {version} --after {page[_SHOWN - 1].line}"
        err.print(f"[dim]More: {more}[/]")


@datasets.command("list")
def list_datasets(ctx: typer.Context, as_json: Json = False) -> None:
    """List the datasets, each with its newest version."""
    with connect(ctx) as client:
        found = list(client.datasets())
    if as_json:
        print_json({"object": "list", "data": found})
    elif found:
        out.print(dataset_table(found))
    else:
        err.print("There is none yet: epicrisis datasets add NAME FILE…")


@datasets.command()
def delete(
    ctx: typer.Context,
    version: Version,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete the rows of a version, for good. Its number is never given again."""
    name, number = parse_version(version)
    if not yes:
        typer.confirm(f"Delete {version} with its rows and report?", abort=True, err=True)
    with connect(ctx) as client:
        client.delete_dataset_version(name, number)
    if as_json:
        print_json({"object": "dataset_version", "name": version, "deleted": True})
    else:
        out.print(f"Deleted: {version}")


def _check_ready(version: DatasetVersionAnswer) -> None:
    if version.report is None:
        raise EpicrisisClientError(
            f"{version.name} is {version.status} and has no report.",
            code="dataset_not_ready",
            how_to_fix=f"`epicrisis datasets show {version.name}` says more.",
        )


def _write_private(path: Path, content: bytes) -> None:
    """A new file in place of an older one, which only its owner may read."""
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)
