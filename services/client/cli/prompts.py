"""`epicrisis prompts`."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.client.cli.compare import compare as compare_candidates
from services.client.cli.connection import connect
from services.client.cli.output import Exit, Json, err, out, print_json, report
from services.client.cli.prompt_view import (
    diff_view,
    prompt_table,
    split_view,
    try_view,
    version_table,
    version_view,
)
from services.client.cli.registry import NoteType, add_verbs
from services.client.prompt_files import read_prompt, write_prompt
from shared.schemas.datasets import Split
from shared.schemas.evaluations import Metric
from shared.schemas.prompts import Arm, SplitRequest, TryRequest

prompts = typer.Typer(
    name="prompts",
    help="Prompt versions: write, try, compare and promote; what serves where no model does.",
    no_args_is_help=True,
)
_ARM = re.compile(r"(\d+)=(\d+)")


def register(app: typer.Typer) -> None:
    app.add_typer(prompts)


@prompts.command("list")
def list_prompts(
    ctx: typer.Context,
    note_type: Annotated[
        str | None, typer.Argument(metavar="[T]", help="Its versions; else every note type.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the note types with the prompt that serves each, or the versions of one."""
    with connect(ctx) as client:
        if note_type is None:
            known = list(client.prompts())
            if as_json:
                print_json({"object": "list", "data": known})
            else:
                out.print(prompt_table(known))
            return
        found = list(client.prompt_versions(note_type))
    if as_json:
        print_json({"object": "list", "data": found})
    elif found:
        out.print(version_table(found))
    else:
        err.print(f"There is none yet: epicrisis prompts add {note_type} FILE")


@prompts.command()
def show(
    ctx: typer.Context,
    note_type: NoteType,
    version: Annotated[
        int | None, typer.Argument(metavar="[V]", min=1, help="Else the newest.")
    ] = None,
    as_file: Annotated[
        bool, typer.Option("--file", help="As TOML, to edit and to add again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show a version; `--file` writes it as `add` reads it."""
    with connect(ctx) as client:
        if version is None:
            found = next(iter(client.prompt_versions(note_type)), None)
            if found is None:
                # A note type of the tenant's own begins with general's.
                found = next(iter(client.prompt_versions("general")))
        else:
            found = client.prompt_version(note_type, version)
    if as_json:
        print_json(found)
    elif as_file:
        typer.echo(write_prompt(found.content), nl=False)
    else:
        out.print(version_view(found))


@prompts.command()
def add(
    ctx: typer.Context,
    note_type: NoteType,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="TOML or JSON.")],
    message: Annotated[
        str | None, typer.Option("-m", "--message", help="What is new about it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a version from a file. It serves once it is promoted; try it before."""
    request = read_prompt(file, message)
    with connect(ctx) as client:
        added = client.add_prompt(note_type, request)
    if as_json:
        print_json(added)
        return
    out.print(f"{added.name} is there.", markup=False)
    out.print(f"  → epicrisis prompts try {note_type} --version {added.number} NOTE", markup=False)


@prompts.command()
def diff(
    ctx: typer.Context,
    note_type: NoteType,
    before: Annotated[int, typer.Argument(metavar="V1", min=1)],
    after: Annotated[int, typer.Argument(metavar="V2", min=1)],
    as_json: Json = False,
) -> None:
    """Show what changed from one version to another."""
    with connect(ctx) as client:
        found = client.diff_prompts(note_type, before, after)
    if as_json:
        print_json(found)
    else:
        out.print(diff_view(found))


@prompts.command("try")
def try_prompt(  # noqa: PLR0913 - a command's options
    ctx: typer.Context,
    note_type: NoteType,
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", allow_dash=True, help="A text; - for stdin."),
    ],
    version: Annotated[
        int | None, typer.Option("--version", metavar="V", min=1, help="Else the newest.")
    ] = None,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Also what the model was given, word for word.")
    ] = False,
    wait: Annotated[int, typer.Option(min=1, max=60, help="Seconds to wait.")] = 30,
    as_json: Json = False,
) -> None:
    """Summarize a document with a version, and show how the summary came to be."""
    text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    request = TryRequest(text=text, version=version)
    with connect(ctx) as client:
        tried = client.try_prompt(note_type, request, wait=wait)
    if as_json:
        print_json(tried)
    elif tried.explanation is not None:
        out.print(try_view(tried, prompts=prompt))
    if tried.summary is None and tried.pending is not None:
        pending = tried.pending
        if pending.status == "failed":
            code = pending.error_code or "failed"
            fix = "`epicrisis doctor` says whether a prompt model is there."
            if not as_json:
                report(f"{tried.version} gave no summary.", code, fix, as_json=False)
            raise typer.Exit(Exit.FAILED)
        err.print(f"It is not done yet: epicrisis results {pending.batch_id}")


@prompts.command()
def compare(  # noqa: PLR0913 - a command's options
    ctx: typer.Context,
    note_type: NoteType,
    versions: Annotated[
        list[str],
        typer.Argument(metavar="V…", help="Numbers, or candidates of `epicrisis compare`."),
    ],
    dataset: Annotated[str, typer.Option(metavar="NAME@V", help="As visits@3.")],
    split: Annotated[Split, typer.Option(help="Of the dataset version.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, max=100_000, help="So many examples.")] = None,
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
    """Compare versions with the prompt that serves, on examples of a dataset."""
    names = [f"prompts:/{note_type}/{one}" if one.isdecimal() else one for one in versions]
    with connect(ctx) as client:
        # Without a model in production, `production` is the prompt.
        by_model = any(one.serves for one in client.models() if one.note_type == note_type)
    names += ["prompt"] if by_model else []
    compare_candidates(
        ctx, note_type, [*dict.fromkeys(names)], dataset, split, limit, metric,
        output, wait, as_json,
    )  # fmt: skip


@prompts.command()
def split(  # noqa: PLR0913 - a command's options
    ctx: typer.Context,
    note_type: NoteType,
    arms: Annotated[
        list[str] | None,
        typer.Argument(metavar="V=WEIGHT…", help="As 1=80 2=20; none: show how it stands."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why. No patient's data.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the one that runs.")] = False,
    as_json: Json = False,
) -> None:
    """Divide documents among versions, until it is clear which is better."""
    with connect(ctx) as client:
        if stop:
            found = client.stop_split(note_type, reason)
        elif arms:
            if reason is None:
                raise typer.BadParameter("Say why.", param_hint="--reason")
            request = SplitRequest(arms=[_arm(one) for one in arms], reason=reason)
            found = client.split_prompts(note_type, request)
        else:
            found = client.prompt_split(note_type)
    if as_json:
        print_json(found)
    else:
        out.print(split_view(found))


def _arm(given: str) -> Arm:
    match = _ARM.fullmatch(given)
    if match is None:
        raise typer.BadParameter("It is VERSION=WEIGHT, as 2=20.", param_hint="V=WEIGHT")
    return Arm(version=int(match[1]), weight=int(match[2]))


add_verbs(prompts, lambda client: client.prompt_registry)
