"""`epicrisis compare`: candidates side by side on examples that none of them was trained on."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.client.cli.compare_view import evaluation_view, follow_evaluation
from services.client.cli.connection import connect
from services.client.cli.dataset_options import parse_version
from services.client.cli.output import Exit, Json, err, out, print_json, report
from services.client.http import Epicrisis
from shared.schemas.datasets import Split
from shared.schemas.evaluations import CANDIDATE, EvaluationAnswer, EvaluationRequest, Metric


def register(app: typer.Typer) -> None:
    app.command()(compare)


def compare(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    note_type: Annotated[str, typer.Argument(metavar="T", help="The note type, as visit.")],
    candidates: Annotated[
        list[str],
        typer.Argument(
            metavar="CANDIDATE…",
            help="3 (models:/T/3), models:/T/V, prompts:/T/V, prompt, extractive, production.",
        ),
    ],
    dataset: Annotated[str, typer.Option(metavar="NAME@V", help="As visits@3.")],
    split: Annotated[Split, typer.Option(help="Of the dataset version.")] = "test",
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, help="So many examples, always the same ones."),
    ] = None,
    metric: Annotated[
        Metric, typer.Option(help="What the gate looks at beside faithfulness.")
    ] = "rougeL",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", dir_okay=False, help="Write the page; with --wait."),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it and show the figures.")] = False,
    as_json: Json = False,
) -> None:
    """Compare candidates with production and with trivial baselines, on the same examples.

    Their summaries are ordinary documents at the lowest priority.
    """
    parse_version(dataset)
    request = EvaluationRequest.model_validate(
        {
            "note_type": note_type,
            "candidates": [_candidate(note_type, one) for one in candidates],
            "dataset": dataset,
            "split": split,
            "limit": limit,
            "metric": metric,
        }
    )
    with connect(ctx) as client:
        answer = client.evaluate(request)
        if wait:
            answer = _follow(client, answer.id)
            if output is not None and answer.status == "ready":
                _write_private(output, client.evaluation_page(answer.id))
                err.print(f"Written: {escape(str(output))}", soft_wrap=True)
    _show(answer, as_json=as_json)


def _candidate(note_type: str, given: str) -> str:
    name = f"models:/{note_type}/{given}" if given.isdecimal() else given
    if re.search(CANDIDATE, name) is None:
        raise typer.BadParameter(
            "It is 3, models:/T/V, prompts:/T/V, prompt, extractive or production.",
            param_hint="CANDIDATE",
        )
    return name


def _follow(client: Epicrisis, evaluation: str) -> EvaluationAnswer:
    try:
        return follow_evaluation(client.watch_evaluation(evaluation))
    except KeyboardInterrupt:
        err.print(f"\nIt goes on without you: GET /v1/evaluations/{evaluation}")
        raise typer.Exit(Exit.INTERRUPTED) from None


def _show(answer: EvaluationAnswer, *, as_json: bool) -> None:
    failed = answer.status == "failed"
    if as_json:
        print_json(answer)
    elif not failed:
        out.print(evaluation_view(answer))
    if failed:
        if answer.error is not None and not as_json:
            error = answer.error
            report(error.message, error.code, error.how_to_fix, as_json=False)
        raise typer.Exit(Exit.FAILED)


def _write_private(path: Path, content: bytes) -> None:
    """It quotes examples, so it is its owner's alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
