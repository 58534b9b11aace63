"""`epicrisis bases`: what training begins from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.client.cli.connection import connect
from services.client.cli.output import Exit, Json, err, out, plain_table, print_json
from services.client.http import Epicrisis
from shared.schemas.training import BaseAnswer, BaseRequest

bases = typer.Typer(
    name="bases", help="Models that training begins from, imported once.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="As `bases list` shows it.")]
_STATUS_STYLES = {"ready": "green", "failed": "red", "running": "cyan", "queued": "dim"}
_NOTHING = "-"


def register(app: typer.Typer) -> None:
    app.add_typer(bases)


@bases.command("import")
def import_base(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="DIR_OR_ID",
            help="A directory on the training worker's machine, a hub id, or packaged:smollm2.",
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="Else the hub id, or the directory's name.")
    ] = None,
    licence: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Else as the model's card says.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="As en; repeatable.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it is ready.")] = False,
    as_json: Json = False,
) -> None:
    """Import a model: its weights alone are read, without network, and kept as safetensors."""
    request = BaseRequest(
        source=_absolute(source), name=name, licence=licence, languages=language or []
    )
    with connect(ctx) as client:
        base = client.import_base(request)
        if wait:
            base = _follow(client, base.name)
    if as_json:
        print_json(base)
    else:
        out.print(_panel(base))
        if base.status in ("queued", "running"):
            err.print(f"[dim]→[/] epicrisis bases show {base.name}")
        elif base.status == "ready":
            err.print(
                f"[dim]→[/] epicrisis train --note-type T --dataset NAME --base {base.name}",
                soft_wrap=True,
            )
    if base.status == "failed":
        raise typer.Exit(Exit.FAILED)


@bases.command("list")
def list_bases(ctx: typer.Context, as_json: Json = False) -> None:
    """List the bases, newest first."""
    with connect(ctx) as client:
        found = list(client.bases())
    if as_json:
        print_json({"object": "list", "data": found})
    elif found:
        out.print(_table(found))
    else:
        err.print("There is none yet: epicrisis bases import DIR_OR_ID")


@bases.command()
def show(ctx: typer.Context, name: Name, as_json: Json = False) -> None:
    """Show how far an import is, or what was imported."""
    with connect(ctx) as client:
        base = client.base(name)
    if as_json:
        print_json(base)
    else:
        out.print(_panel(base))


@bases.command()
def delete(
    ctx: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a base from which nothing has begun."""
    if not yes:
        typer.confirm(f"Delete the base {name}?", abort=True, err=True)
    with connect(ctx) as client:
        client.delete_base(name)
    if as_json:
        print_json({"object": "base", "name": name, "deleted": True})
    else:
        out.print(f"Deleted: {name}", soft_wrap=True)


def _absolute(source: str) -> str:
    """A directory of this machine by its whole path; anything else is the server's to judge."""
    path = Path(source).expanduser()
    return str(path.resolve()) if path.is_dir() else source


def _follow(client: Epicrisis, name: str) -> BaseAnswer:
    base: BaseAnswer | None = None
    try:
        with err.status("Importing"):
            for base in client.watch_base(name):  # noqa: B007 - the last look is what counts
                pass
    except KeyboardInterrupt:
        err.print("\nIt goes on without you. To look at it again:")
        err.print(f"  epicrisis bases show {name}")
        raise typer.Exit(Exit.INTERRUPTED) from None
    if base is None:
        raise ValueError("A watched base is looked at once at least.")
    return base


def _table(found: list[BaseAnswer]) -> Table:
    table = plain_table("base", "status", "kind", "parameters", "window", "languages", "licence")
    for one in found:
        table.add_row(
            one.name,
            _status(one),
            (one.kind or _NOTHING).replace("_", "-"),
            _count(one.parameters),
            _count(one.window),
            ", ".join(one.languages) or _NOTHING,
            one.licence or _NOTHING,
        )
    return table


def _panel(base: BaseAnswer) -> Panel:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in _facts(base):
        grid.add_row(name, value)
    if base.error is not None:
        grid.add_row("error", Text(f"{base.error.message} ({base.error.code})", style="red"))
        if base.error.how_to_fix:
            grid.add_row("", Text(f"→ {base.error.how_to_fix}", style="dim"))
    title = Text.assemble((base.name, "bold not dim"), "  ", _status(base))
    return Panel(grid, title=title, title_align="left", border_style="dim")


def _facts(base: BaseAnswer) -> Iterator[tuple[str, str]]:
    yield "source", base.source
    yield "architecture", base.architecture or _NOTHING
    yield "parameters", _count(base.parameters)
    yield "window", _count(base.window)
    yield "languages", ", ".join(base.languages) or _NOTHING
    yield "licence", base.licence or _NOTHING
    yield "digest", base.digest or _NOTHING


def _status(base: BaseAnswer) -> Text:
    return Text(base.status, style=f"{_STATUS_STYLES[base.status]} not dim")


def _count(value: int | None) -> str:
    return _NOTHING if value is None else f"{value:,}"
