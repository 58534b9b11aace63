"""`epicrisis keys`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from services.client.cli.connection import connect
from services.client.cli.output import Json, err, out, plain_table, print_json
from shared.schemas.access import CLIENT_SCOPES, SCOPES, KeyAnswer, KeyRequest, Scope

keys = typer.Typer(name="keys", help="API keys.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(keys)


@keys.command()
def create(
    ctx: typer.Context,
    tenant: Annotated[str | None, typer.Option(help="Else the tenant of your own key.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; else what a submitter needs.")
    ] = None,
    expires_in: Annotated[int | None, typer.Option(min=1, metavar="DAYS")] = None,
    as_json: Json = False,
) -> None:
    """Make a key, which is shown this once."""
    expires_at = datetime.now(UTC) + timedelta(days=expires_in) if expires_in else None
    request = KeyRequest(tenant=tenant, scopes=parse_scopes(scope), expires_at=expires_at)
    with connect(ctx, admin=True) as client:
        _show_new(client.create_key(request), as_json=as_json)


@keys.command("list")
def list_keys(ctx: typer.Context, as_json: Json = False) -> None:
    """List the keys, without their secrets."""
    with connect(ctx, admin=True) as client:
        found = list(client.keys())
    if as_json:
        print_json({"object": "list", "data": found})
    else:
        out.print(_table(found))


@keys.command()
def rotate(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="Its id, not the key itself.")],
    overlap: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="How long the old one still works.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Make a key anew for the same tenant and scopes; the old one ends after the overlap."""
    with connect(ctx, admin=True) as client:
        _show_new(client.rotate_key(key, overlap_seconds=overlap), as_json=as_json)


@keys.command()
def revoke(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="Its id, not the key itself.")],
    as_json: Json = False,
) -> None:
    """Refuse a key from now on."""
    with connect(ctx, admin=True) as client:
        revoked = client.revoke_key(key)
    if as_json:
        print_json(revoked)
    else:
        out.print(_table([revoked]))


def _show_new(made: KeyAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    err.print("[yellow]Store the key now: it cannot be shown again.[/]")
    out.print(made.key, soft_wrap=True)
    err.print(_table([made]))


def parse_scopes(names: list[str] | None) -> list[Scope]:
    """Raises BadParameter for a name that is none; what a submitter needs unless there are any."""
    unknown = [name for name in names or () if name not in SCOPES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {' '.join(SCOPES)}.")
    return [scope for scope in SCOPES if scope in names] if names else list(CLIENT_SCOPES)


def scope_text(scopes: list[str]) -> str:
    missing = [scope for scope in SCOPES if scope not in scopes]
    if not missing:
        return "all"
    return f"all but {missing[0]}" if len(missing) == 1 else " ".join(scopes)


def _table(found: list[KeyAnswer]) -> Table:
    table = plain_table("id", "tenant", "scopes", "expires")
    for key in found:
        expires = key.expires_at.date().isoformat() if key.expires_at else "never"
        if key.revoked_at:
            expires = "[red]revoked[/]"
        table.add_row(key.id, key.tenant, scope_text(key.scopes), expires)
    return table
