"""`epicrisis submit`: files in, batches out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from services.client.cli.connection import connect
from services.client.cli.download import write_results
from services.client.cli.output import Exit, Json, err, out, print_json
from services.client.cli.progress import follow
from services.client.http import Epicrisis
from services.client.input_files import Skipped
from services.client.submit import Accepted, Refused, Submitted, submit_paths, submit_stream
from services.client.wait import ending, total_counts
from shared.schemas.batches import (
    BatchAnswer,
    BatchParameters,
    Fallback,
    Priority,
    Reuse,
    Superseded,
)
from shared.schemas.summaries import Route

_DASH = Path("-")
_SHOWN = 3
_SENT_BEFORE = (
    "  [dim]→[/] Sent before, and done: the results are of then. "
    "A new --group has it summarized anew."
)


def register(app: typer.Typer) -> None:
    app.command()(submit)


def submit(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Files (.ndjson .json .xml .txt .md .pdf .rtf .html, also .gz), folders, or - for "
            "stdin.",
        ),
    ],
    note_type: Annotated[str | None, typer.Option(help="For records that name none.")] = None,
    group: Annotated[
        str | None, typer.Option(help="A name for the batches; else made of the paths.")
    ] = None,
    priority: Annotated[Priority, typer.Option(help="Who goes first.")] = "normal",
    fallback: Annotated[
        Fallback, typer.Option(help="How far a document may step down from the best route.")
    ] = "any",
    superseded: Annotated[
        Superseded, typer.Option(help="Whether FHIR documents that are superseded are summarized.")
    ] = "include",
    reuse: Annotated[
        Reuse, typer.Option(help="Whether an unchanged note keeps the summary that it has.")
    ] = "none",
    route: Annotated[
        Route | None, typer.Option(help="Begin at this route rather than at the best.")
    ] = None,
    model_version: Annotated[
        str | None, typer.Option(help="Begin with this model: models:/visit/2.")
    ] = None,
    prompt_version: Annotated[
        str | None, typer.Option(help="Begin with this prompt: prompts:/visit/1.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the work until it is done.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", dir_okay=False, help="Results as NDJSON; means --wait."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Submit documents to be summarized.

    What exceeds the server's limits is split. Repeating the same command continues it: what is
    there already is not submitted again.
    """
    _check_paths(paths, output)
    parameters = BatchParameters(
        note_type=note_type,
        group=group,
        priority=priority,
        fallback=fallback,
        superseded=superseded,
        reuse=reuse,
        route=route,
        model_version=model_version,
        prompt_version=prompt_version,
    )
    with connect(ctx) as client:
        told = list(tell(_submit(client, paths, parameters)))
        ids = list(dict.fromkeys(each.batch.id for each in told if isinstance(each, Accepted)))
        batches = _latest(told)
        if ids and (wait or output):
            batches = follow(client, ids)
        if ids and output:
            write_results(client, ids, output)
    done = bool(wait or output)
    if as_json:
        print_json(_as_json(told, batches, output))
    else:
        _print(batches, output, done=done)
    raise typer.Exit(_exit_code(told, batches, done=done))


def _check_paths(paths: Sequence[Path], output: Path | None) -> None:
    """What would otherwise be found only when all the work is done."""
    if _DASH in paths and len(paths) > 1:
        raise typer.BadParameter("- for standard input stands alone.")
    for path in paths:
        if path != _DASH and not path.exists():
            raise typer.BadParameter(f"There is no {path}.")
    if output is not None and not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {output.parent}.", param_hint="--output")


def _submit(
    client: Epicrisis, paths: Sequence[Path], parameters: BatchParameters
) -> Iterator[Submitted]:
    if _DASH not in paths:
        return submit_paths(client, paths, parameters)
    return submit_stream(client, typer.get_binary_stream("stdin"), parameters)


def tell(submitted: Iterator[Submitted]) -> Iterator[Submitted]:
    """Pass on what became of each part, and say it as it happens."""
    with err.status("Submitting"), _interruptible():
        for each in submitted:
            match each:
                case Accepted(label, batch):
                    count = f"{batch.request_counts.total:,} documents"
                    line = f"[green]✓[/] {escape(label)}: {count}, [bold]{batch.id}[/]"
                    err.print(line, soft_wrap=True)
                    if batch.completed_at is not None:
                        err.print(_SENT_BEFORE, soft_wrap=True)
                case Refused(label, error):
                    line = f"[red]✗[/] {escape(label)}: {escape(error.message)}"
                    err.print(line, soft_wrap=True)
                    if error.how_to_fix:
                        err.print(f"  [dim]→[/] {escape(error.how_to_fix)}", soft_wrap=True)
                case Skipped(name, reason):
                    line = f"[yellow]![/] {escape(name)} is skipped: {escape(reason)}."
                    err.print(line, soft_wrap=True)
            yield each


@contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        err.print("\nInterrupted. Repeat the same command: it goes on, and takes nothing twice.")
        raise


def _latest(told: Sequence[Submitted]) -> list[BatchAnswer]:
    batches = {each.batch.id: each.batch for each in told if isinstance(each, Accepted)}
    return list(batches.values())


def _exit_code(told: Sequence[Submitted], batches: Sequence[BatchAnswer], *, done: bool) -> Exit:
    result = ending(batches) if done else "succeeded"
    if not batches or result == "failed":
        return Exit.FAILED
    if result == "partly" or any(not isinstance(each, Accepted) for each in told):
        return Exit.PARTLY
    return Exit.DONE


def _print(batches: Sequence[BatchAnswer], output: Path | None, *, done: bool) -> None:
    if not batches:
        err.print("Nothing was submitted.")
        return
    counts = total_counts(batches)
    if done:
        rest = counts.total - counts.completed
        out.print(f"[bold]{counts.completed:,}[/] summarized" + (f", {rest:,} not" if rest else ""))
    else:
        out.print(f"[bold]{counts.total:,}[/] documents, group {escape(batches[0].group or '-')}")
    if output:
        out.print(f"Results: {escape(str(output))}")
        return
    verb = "results {}" if done else "status {} --watch"
    for batch in batches[:_SHOWN]:
        out.print(f"  [dim]epicrisis {verb.format(batch.id)}[/]")
    if len(batches) > _SHOWN:
        out.print(f"  [dim]epicrisis batches list --group {escape(batches[0].group or '')}[/]")


def _as_json(
    told: Sequence[Submitted], batches: Sequence[BatchAnswer], output: Path | None
) -> dict[str, Any]:
    accepted = [each for each in told if isinstance(each, Accepted)]
    return {
        "object": "submission",
        "group": batches[0].group if batches else None,
        "request_counts": total_counts(batches),
        "parts": [{"label": each.label, "batch": each.batch.id} for each in accepted],
        "batches": list(batches),
        "refused": [
            {"label": each.label, "error": each.error.problem}
            for each in told
            if isinstance(each, Refused)
        ],
        "skipped": [
            {"name": each.name, "reason": each.reason} for each in told if isinstance(each, Skipped)
        ],
        "output": str(output) if output else None,
    }
