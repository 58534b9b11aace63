"""`epicrisis audit`: who did what, and whether the record of it is whole."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from services.client.cli.connection import connect
from services.client.cli.output import Exit, Json, err, out, plain_table, print_json
from shared.schemas.audit import AuditEventAnswer, AuditVerification

audit = typer.Typer(
    name="audit", help="Who did what, and whether its record is whole.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    app.add_typer(audit)


@audit.command("list")
def list_events(  # noqa: PLR0913 - a command's options
    ctx: typer.Context,
    about: Annotated[
        str | None,
        typer.Option("--object", metavar="ID", help="batch_…, doc_…, sum_…, key_…, tenant_…"),
    ] = None,
    actor: Annotated[str | None, typer.Option(metavar="ID", help="key_… or client_…")] = None,
    action: Annotated[str | None, typer.Option(help="results.read, batch.create, …")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", help="In this machine's time.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    as_json: Json = False,
) -> None:
    """List accesses and changes, newest first.

    Of a document or summary also what was done to its batch as a whole.
    """
    with connect(ctx, admin=True) as client:
        page = client.audit(
            object=about,
            actor=actor,
            action=action,
            since=since and since.astimezone(),
            until=until and until.astimezone(),
            limit=limit,
        )
    if as_json:
        print_json(page)
        return
    out.print(_table(page.data))
    if page.has_more:
        err.print(f"[dim]There are more than {limit}; --limit or --to shows others.[/]")


@audit.command()
def verify(ctx: typer.Context, as_json: Json = False) -> int:
    """Check every row, the chain and its anchors. Exit code 1 if anything is not as written."""
    with connect(ctx, admin=True) as client:
        found = client.verify_audit()
    if as_json:
        print_json(found)
    else:
        _tell(found)
    return Exit.DONE if found.ok else Exit.ERROR


def _tell(found: AuditVerification) -> None:
    counts = f"{found.events:,} events, {found.linked:,} linked, {found.unlinked:,} waiting"
    if found.ok:
        out.print(f"[green]Whole[/]: {counts}.")
    else:
        out.print(f"[bold red]Not as it was written[/]: {counts}.")
        table = plain_table("finding", "seq", "event")
        for each in found.findings:
            seq = "" if each.seq is None else str(each.seq)
            table.add_row(each.kind, seq, each.id or "")
        out.print(table)
    if found.anchored_seq is None and found.linked:
        err.print(
            "[yellow]No anchor is kept outside the database, so rows cut from the end of the "
            "chain cannot be found.[/]\n[dim]→[/] Set EPICRISIS_AUDIT_ANCHOR for the dispatcher "
            "and the API.",
            soft_wrap=True,
        )


def _table(events: list[AuditEventAnswer]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("time", "action", "actor", "objects", "details"):
        table.add_column(column, overflow="fold")
    for event in events:
        details = " ".join(
            f"{name}={value}" for name, value in event.details.items() if value is not None
        )
        table.add_row(
            event.at.astimezone().isoformat(sep=" ", timespec="seconds"),
            event.action,
            event.actor,
            " ".join(event.objects),
            escape(details),
        )
    return table
