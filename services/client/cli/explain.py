"""`epicrisis explain`: how a summary came to be."""

from typing import Annotated

import typer

from services.client.cli.connection import connect
from services.client.cli.explanation_view import explanation_panel
from services.client.cli.output import Json, out, print_json


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    ctx: typer.Context,
    summary: Annotated[str, typer.Argument(metavar="SUMMARY")],
    prompts: Annotated[
        bool, typer.Option("--prompts", help="Also what the model was given, word for word.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Explain a summary: the ways tried, each sentence with its evidence, what was left out."""
    with connect(ctx) as client:
        explained = client.explain(summary)
    if as_json:
        print_json(explained)
    else:
        out.print(explanation_panel(explained, prompts=prompts))
