"""`epicrisis results`: summaries with their evidence, or as NDJSON to a pipe or file."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.client.cli.connection import connect
from services.client.cli.download import continue_results
from services.client.cli.output import Json, err, out, print_json, print_line
from services.client.cli.result_view import result_panel
from shared.schemas.batches import ResultStatus


def register(app: typer.Typer) -> None:
    app.command()(results)


def results(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", dir_okay=False, help="A file, continued if it exists."),
    ] = None,
    after: Annotated[int, typer.Option(min=0, help="Begin past this seq.")] = 0,
    status: Annotated[ResultStatus | None, typer.Option(help="Only these.")] = None,
    as_json: Json = False,
) -> None:
    """Fetch the results recorded by now: to a terminal for reading, to a pipe as NDJSON."""
    with connect(ctx) as client:
        if output is not None:
            written = continue_results(client, batch, output, after=after, status=status)
            if as_json:
                print_json({"object": "download", "output": str(output), **written._asdict()})
            else:
                err.print(f"{written.lines:,} results added to {escape(str(output))}")
            return
        readable = sys.stdout.isatty() and not as_json
        found = False
        for line in client.results(batch, after=after, status=status):
            found = True
            if readable:
                out.print(result_panel(line))
            else:
                print_line(line)
        if not found:
            kind = f"{status} results by now" if status else "results yet"
            hint = f"epicrisis status {escape(batch)} --watch"
            err.print(f"No {kind}. See: {hint}", soft_wrap=True)
