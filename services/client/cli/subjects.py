"""`epicrisis subjects`."""

import sys
from typing import Annotated

import typer

from services.client.cli.connection import connect
from services.client.cli.output import Json, err, out, print_json

subjects = typer.Typer(
    name="subjects", help="Patients, as documents name them.", no_args_is_help=True
)
_DASH = "-"


def register(app: typer.Typer) -> None:
    app.add_typer(subjects)


@subjects.command()
def erase(
    ctx: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(
            help="Exactly as submitted, such as Patient/17; '-' reads it from stdin, so that it "
            "stands in no shell history."
        ),
    ],
    tenant: Annotated[
        str | None, typer.Option(help="Whose documents; else those of the tenant of your own key.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Erase all documents of a patient, with texts and summaries, for good."""
    if subject == _DASH:
        subject = sys.stdin.readline().strip()
    elif not yes:
        typer.confirm("Erase all documents of this subject?", abort=True, err=True)
    with connect(ctx, admin=True) as client:
        erased = client.erase_subject(subject, tenant=tenant)
    if as_json:
        print_json(erased)
    else:
        out.print(
            f"Erased: {erased.documents} documents and {erased.summaries} summaries "
            f"of {erased.batches} batches; {erased.examples} examples of datasets."
        )
        for name in erased.trained_models:
            out.print(f"{name} learned from them: withdraw it if it should serve no more.")
    if tenant is None and not erased.documents:
        err.print("Only the tenant of your own key was searched; --tenant names another.")
