"""`epicrisis datasets add`: files to a version."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.client.cli.connection import connect
from services.client.cli.dataset_options import parse_reference
from services.client.cli.dataset_view import follow_version, version_panel
from services.client.cli.output import Exit, Json, err, out, print_json
from services.client.datasets import Provenance
from services.client.example_files import (
    ExampleFile,
    Examples,
    JoinedLines,
    find_example_files,
    read_examples,
)
from services.client.http import Epicrisis
from shared.schemas.datasets import DatasetVersionAnswer, PermittedUse, Split

Wait = Annotated[bool, typer.Option("--wait", help="Follow it until it is ready.")]


def add(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Lower case: visits. Known or new.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="Rows with `source` and mostly `target`: .jsonl .ndjson .csv .tsv .parquet, each "
            "also as .gz. Several of JSON lines make one version, in this order.",
        ),
    ],
    note_type: Annotated[
        str | None, typer.Option(help="Of rows that name none; else general.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where the rows come from.")
    ] = None,
    licence: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    permitted_use: Annotated[
        PermittedUse | None,
        typer.Option(help="Of rows that say nothing; training includes evaluation. Else none."),
    ] = None,
    no_patient_data: Annotated[
        bool, typer.Option("--no-patient-data", help="It holds nothing of a real patient.")
    ] = False,
    source_column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="If it is not `source`. Given again, as --source-column section --source-column "
            "dialogue: the columns' texts, in this order, with an empty line between them.",
        ),
    ] = None,
    target_column: Annotated[str | None, typer.Option(help="If it is not `target`.")] = None,
    group_column: Annotated[
        str | None, typer.Option(help="What must not be divided, as a patient; if not `group_id`.")
    ] = None,
    split: Annotated[
        Split | None,
        typer.Option(help="Of rows that name none; else what a file's name says, as train.jsonl."),
    ] = None,
    allow_leakage: Annotated[
        bool,
        typer.Option("--allow-leakage", help="Take it though its splits hold the same, or nearly."),
    ] = False,
    charset: Annotated[
        str | None, typer.Option(help="Of CSV and TSV that is not UTF-8: windows-1252.")
    ] = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Upload examples as a new version of a dataset, which is then curated and split.

    A bad row is rejected with its line and reason, and its neighbours go on. What belongs together,
    as a patient's rows, needs one `group_id`, so that it never stands in two splits.
    """
    if parse_reference(name)[1] is not None:
        raise typer.BadParameter("The number of a version is given by the server.")
    found = find_example_files(files)
    examples = _in_charset(read_examples([_in_split(file, split) for file in found]), charset)
    provenance = Provenance(
        note_type=note_type,
        origin=origin,
        licence=licence,
        permitted_use=permitted_use,
        holds_patient_data=False if no_patient_data else None,
        split=split,
        allow_leakage=allow_leakage or None,
        source_column=tuple(source_column) if source_column else None,
        target_column=target_column,
        group_column=group_column,
    )
    if permitted_use is None:
        err.print(
            "[yellow]No permitted use is given: rows that name none themselves will be used for "
            "nothing.[/]\n[dim]→[/] --permitted-use training, or evaluation.",
            soft_wrap=True,
        )
    with connect(ctx) as client:
        with err.status("Uploading"):
            version = client.add_dataset(name, examples, provenance)
        _tell_files(examples, found, split)
        finish(client, version, wait=wait, as_json=as_json)


def finish(client: Epicrisis, version: DatasetVersionAnswer, *, wait: bool, as_json: bool) -> None:
    """Show a new version, with `wait` once it is ready; raises typer.Exit if it then failed."""
    if wait:
        name, number = parse_reference(version.name)
        try:
            version = follow_version(client.watch_dataset(name, number or version.number))
        except KeyboardInterrupt:
            err.print("\nIt goes on without you. To look at it again:")
            err.print(f"  epicrisis datasets show {version.name}")
            raise typer.Exit(Exit.INTERRUPTED) from None
    if as_json:
        print_json(version)
    else:
        out.print(version_panel(version))
        hint = "report" if wait and version.status == "ready" else "show"
        err.print(f"[dim]→[/] epicrisis datasets {hint} {version.name}")
    if version.status == "failed":
        raise typer.Exit(Exit.FAILED)


def _in_split(file: ExampleFile, split: Split | None) -> ExampleFile:
    """What the command says stands above the file's name."""
    return file if split is None else replace(file, split=None)


def _in_charset(examples: Examples, charset: str | None) -> Examples:
    if charset is None:
        return examples
    if not examples.content_type.startswith("text/"):
        raise typer.BadParameter("JSON and Parquet have only one.", param_hint="--charset")
    return replace(examples, content_type=f"{examples.content_type}; charset={charset}")


def _tell_files(examples: Examples, files: Sequence[ExampleFile], split: Split | None) -> None:
    """Which split a file's name gave its rows, and of several files which lines are whose."""
    if isinstance(examples.content, JoinedLines):
        for rows in examples.content.rows:
            where = f"lines {rows.first_line:,}-{rows.last_line:,}"
            _tell(rows.path, [where, *_split_words(rows.split)])
    elif split is None and files[0].split is not None:
        _tell(files[0].path, _split_words(files[0].split))


def _split_words(split: Split | None) -> list[str]:
    return [f"{split} by its name"] if split else []


def _tell(path: Path, words: Sequence[str]) -> None:
    err.print(f"[dim]{escape(path.name)}: {', '.join(words)}[/]", soft_wrap=True)
