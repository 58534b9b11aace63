"""`epicrisis status|cancel|retry|delete` and `epicrisis batches`."""

from typing import Annotated

import typer

from services.client.cli.batch_view import batch_panel, batch_table
from services.client.cli.connection import connect
from services.client.cli.output import Exit, Json, err, out, print_json
from services.client.cli.progress import follow
from services.client.wait import Ending, ending
from shared.schemas.batches import BatchAnswer

Batch = Annotated[str, typer.Argument(metavar="BATCH", help="The id: batch_…")]
_EXIT: dict[Ending, Exit] = {
    "succeeded": Exit.DONE,
    "partly": Exit.PARTLY,
    "failed": Exit.FAILED,
}
_WIDE = 110

batches = typer.Typer(name="batches", help="Batches.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command()(status)
    app.command()(cancel)
    app.command()(retry)
    app.command()(delete)
    app.add_typer(batches)


def status(
    ctx: typer.Context,
    batch: Batch,
    watch: Annotated[
        bool, typer.Option("--watch", help="Follow it; the exit code tells how it ended.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show how far a batch is."""
    with connect(ctx) as client:
        if not watch:
            _show(client.batch(batch), as_json=as_json)
            return
        [done] = follow(client, [batch])
    _show(done, as_json=as_json)
    raise typer.Exit(_EXIT[ending([done])])


def cancel(ctx: typer.Context, batch: Batch, as_json: Json = False) -> None:
    """Cancel what is not summarized yet."""
    with connect(ctx) as client:
        _show(client.cancel(batch), as_json=as_json)


def retry(
    ctx: typer.Context,
    batch: Batch,
    include_quarantined: Annotated[
        bool, typer.Option("--include-quarantined", help="Also those that ended their workers.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Queue the failed documents of a batch again."""
    with connect(ctx) as client:
        _show(client.retry(batch, include_quarantined=include_quarantined), as_json=as_json)


def delete(
    ctx: typer.Context,
    batch: Batch,
    force: Annotated[
        bool, typer.Option("--force", help="Also one that runs: it is cancelled.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a batch with its texts and summaries, for good."""
    if not yes:
        typer.confirm("Delete the batch with all its texts and summaries?", abort=True, err=True)
    with connect(ctx) as client:
        deleted = client.delete(batch, force=force)
    if as_json:
        print_json(deleted)
    else:
        out.print(
            f"Deleted: {deleted.documents} documents, {deleted.texts} texts, "
            f"{deleted.summaries} summaries."
        )


@batches.command("list")
def list_batches(
    ctx: typer.Context,
    group: Annotated[str | None, typer.Option(help="Only these, with their sums.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    after: Annotated[str | None, typer.Option(help="Go on past this batch.")] = None,
    as_json: Json = False,
) -> None:
    """List batches, the newest first."""
    with connect(ctx) as client:
        page = client.batches(group=group, limit=limit, after=after)
    if as_json:
        print_json(page)
        return
    out.print(batch_table(page.data, page.group, wide=out.width >= _WIDE))
    if page.has_more:
        err.print(f"[dim]More: epicrisis batches list --after {page.data[-1].id}[/]")


def _show(batch: BatchAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(batch)
    else:
        out.print(batch_panel(batch))
