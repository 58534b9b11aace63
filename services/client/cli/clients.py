"""`epicrisis clients`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.client.cli.connection import connect
from services.client.cli.keys import parse_scopes, scope_text
from services.client.cli.output import Json, err, out, plain_table, print_json
from shared.schemas.access import ClientAnswer, ClientRequest, Jwks

clients = typer.Typer(
    name="clients",
    help="Systems that sign their requests for tokens (SMART Backend Services).",
    no_args_is_help=True,
)
_KEYS = typer.Option("--jwks", exists=True, dir_okay=False, help="File of its public keys.")


def register(app: typer.Typer) -> None:
    app.add_typer(clients)


@clients.command()
def create(  # noqa: PLR0913 - the command's options
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    jwks: Annotated[Path, _KEYS],
    tenant: Annotated[str | None, typer.Option(help="Else the tenant of your own key.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; else what a submitter needs.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Register a client by its public keys."""
    request = ClientRequest(
        tenant=tenant, name=name, jwks=_read_keys(jwks), scopes=parse_scopes(scope)
    )
    with connect(ctx, admin=True) as client:
        made = client.create_client(request)
    if not as_json:
        err.print("Its assertions have this id as iss and sub.")
    _show([made], as_json=as_json, single=True)


@clients.command("list")
def list_clients(ctx: typer.Context, as_json: Json = False) -> None:
    """List the clients."""
    with connect(ctx, admin=True) as client:
        _show(list(client.clients()), as_json=as_json, single=False)


@clients.command()
def revoke(
    ctx: typer.Context,
    client_id: Annotated[str, typer.Argument(metavar="ID")],
    as_json: Json = False,
) -> None:
    """Refuse a client and all its tokens from now on."""
    with connect(ctx, admin=True) as client:
        _show([client.revoke_client(client_id)], as_json=as_json, single=True)


@clients.command("keys")
def replace_keys(
    ctx: typer.Context,
    client_id: Annotated[str, typer.Argument(metavar="ID")],
    jwks: Annotated[Path, _KEYS],
    as_json: Json = False,
) -> None:
    """Replace a client's public keys; for an overlap give the old ones with the new."""
    with connect(ctx, admin=True) as client:
        _show(
            [client.replace_client_keys(client_id, _read_keys(jwks))], as_json=as_json, single=True
        )


def _read_keys(path: Path) -> Jwks:
    """A key set, or one key by itself."""
    try:
        found = json.loads(path.read_text())
    except ValueError:
        raise typer.BadParameter("The file of public keys is not JSON.") from None
    return Jwks.model_validate({"keys": [found]} if "kty" in found else found)


def _show(found: list[ClientAnswer], *, as_json: bool, single: bool) -> None:
    if as_json:
        print_json(found[0] if single else {"object": "list", "data": found})
        return
    table = plain_table("id", "tenant", "name", "keys", "scopes", "state")
    for each in found:
        kids = " ".join(str(key.get("kid")) for key in each.jwks.keys)
        state = "[red]revoked[/]" if each.revoked_at else "[green]active[/]"
        table.add_row(each.id, each.tenant, each.name, kids, scope_text(each.scopes), state)
    out.print(table)
