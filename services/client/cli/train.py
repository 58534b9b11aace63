"""`epicrisis train`: a dataset to a model version."""

from typing import Annotated

import typer

from services.client.cli.compare_view import evaluation_view, follow_evaluation
from services.client.cli.connection import connect
from services.client.cli.dataset_options import parse_reference
from services.client.cli.output import Exit, Json, err, out, print_json, report
from services.client.cli.run_progress import follow_run
from services.client.cli.run_view import run_panel
from services.client.cli.training_options import (
    BaseOption,
    MethodOption,
    NoteTypeOption,
    SeedOption,
    SetOption,
    parse_method,
    parse_settings,
    told,
)
from services.client.errors import Invalid
from services.client.http import Epicrisis
from shared.schemas.evaluations import EvaluationAnswer
from shared.schemas.training import TrainingRequest, TrainingRunAnswer


def register(app: typer.Typer) -> None:
    app.command()(train)


def train(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    note_type: NoteTypeOption,
    dataset: Annotated[
        str, typer.Option(metavar="NAME[@V]", help="visits@3; without a number the newest.")
    ],
    base: BaseOption = None,
    method: MethodOption = "lora",
    settings: SetOption = None,
    seed: SeedOption = None,
    allow_leakage: Annotated[
        bool,
        typer.Option("--allow-leakage", help="Train though the splits hold the same, or nearly."),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Follow it until its version has been evaluated.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model version for a note type; nothing serves it before it is promoted.

    The run goes on by itself: `epicrisis runs show RUN --watch` looks at it again.
    """
    parse_reference(dataset)
    request = TrainingRequest.model_validate(
        {
            "note_type": note_type,
            "dataset": dataset,
            "base_model": base,
            "method": parse_method(method),
            "hyperparameters": parse_settings(settings or []),
            "allow_leakage": allow_leakage,
            **({} if seed is None else {"seed": seed}),
        }
    )
    with connect(ctx) as client:
        try:
            run = client.train(request)
        except Invalid as error:
            raise told(error) from None
        if wait:
            follow(client, run.id, as_json=as_json)
            return
    show_run(run, None, wait=False, as_json=as_json)


def follow(client: Epicrisis, run_id: str, *, as_json: bool) -> None:
    """Show a run until its version has been evaluated; Ctrl-C ends the watching, not the run.

    Raises typer.Exit unless all of it succeeded.
    """
    evaluation = None
    try:
        run = follow_run(client, run_id)
        if run.evaluation is not None:
            evaluation = follow_evaluation(client.watch_evaluation(run.evaluation))
    except KeyboardInterrupt:
        err.print("\nIt goes on without you. To look at it again, or to stop it:")
        err.print(f"  epicrisis runs show {run_id} --watch\n  epicrisis runs cancel {run_id}")
        raise typer.Exit(Exit.INTERRUPTED) from None
    show_run(run, evaluation, wait=True, as_json=as_json)


def show_run(
    run: TrainingRunAnswer, evaluation: EvaluationAnswer | None, *, wait: bool, as_json: bool
) -> None:
    """The run, its evaluation and what to type next; raises typer.Exit unless they succeeded.

    As JSON the run as the API gives it, and in it the whole evaluation in the place of its name.
    """
    if as_json:
        plain = run.model_dump(mode="json")
        print_json(plain if evaluation is None else {**plain, "evaluation": evaluation})
    else:
        out.print(run_panel(run))
        if evaluation is not None and evaluation.figures is not None:
            out.print(evaluation_view(evaluation))
        for hint in next_commands(run):
            err.print(f"[dim]→[/] {hint}", soft_wrap=True)
    if run.status in ("failed", "cancelled") or (wait and run.status != "succeeded"):
        raise typer.Exit(Exit.FAILED)
    if evaluation is not None and evaluation.error is not None:
        error = evaluation.error
        report(error.message, error.code, error.how_to_fix, as_json=False)
        raise typer.Exit(Exit.PARTLY)


def next_commands(run: TrainingRunAnswer) -> list[str]:
    """What to type next."""
    if run.model_version is not None:
        _, note_type, number = run.model_version.split("/")
        return [
            f"epicrisis runs report {run.id} -o report.html",
            f'epicrisis models promote {note_type} {number} --reason "…"',
        ]
    if run.status == "paused":
        return [f"epicrisis runs resume {run.id}"]
    if run.status in ("failed", "cancelled"):
        return [f"epicrisis runs events {run.id}"]
    return [f"epicrisis runs show {run.id} --watch"]
