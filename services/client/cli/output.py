"""Where words go: results to stdout, everything for a watching person to stderr."""

import json
from enum import IntEnum
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Json = Annotated[
    bool, typer.Option("--json", help="Machine-readable on stdout, nothing else there.")
]

out = Console(highlight=False)
err = Console(highlight=False, stderr=True)


class Exit(IntEnum):
    """The exit codes of every command; 2, a mistake in the command line, is typer's own."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    FAILED = 3
    PARTLY = 4
    INTERRUPTED = 130


def print_json(value: BaseModel | list[Any] | dict[str, Any]) -> None:
    """One JSON text, with any models in it as the API writes them."""
    typer.echo(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))


def print_line(value: BaseModel) -> None:
    """One line of NDJSON."""
    typer.echo(value.model_dump_json())


def plain_table(*columns: str) -> Table:
    """A table without lines, so that a terminal's line can be copied; an `id` is never broken."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, no_wrap=column == "id")
    return table


def report(
    message: str,
    code: str,
    how_to_fix: str | None,
    *,
    as_json: bool,
    **details: object,
) -> None:
    """An error: a sentence and what to do next to stderr, with `as_json` an object to stdout."""
    if as_json:
        error = {"code": code, "message": message, "how_to_fix": how_to_fix, **details}
        print_json({"error": error})
    err.print(f"[bold red]Error:[/] {escape(message)}", soft_wrap=True)
    if how_to_fix:
        err.print(f"[dim]→[/] {escape(how_to_fix)}", soft_wrap=True)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)
