"""`epicrisis tenants`."""

from typing import Annotated

import typer
from rich.table import Table

from services.client.cli.connection import connect
from services.client.cli.output import Json, out, print_json
from shared.schemas.access import TenantAnswer

tenants = typer.Typer(
    name="tenants", help="Hospitals that must not see each other.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    app.add_typer(tenants)


@tenants.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Lower case: st-marys")],
    as_json: Json = False,
) -> None:
    """Make a tenant with a data key of its own."""
    with connect(ctx, admin=True) as client:
        _show([client.create_tenant(name)], as_json=as_json, single=True)


@tenants.command("list")
def list_tenants(ctx: typer.Context, as_json: Json = False) -> None:
    """List the tenants."""
    with connect(ctx, admin=True) as client:
        _show(list(client.tenants()), as_json=as_json, single=False)


@tenants.command()
def suspend(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    as_json: Json = False,
) -> None:
    """Refuse all keys of a tenant from now on."""
    with connect(ctx, admin=True) as client:
        _show([client.suspend_tenant(name)], as_json=as_json, single=True)


def _show(found: list[TenantAnswer], *, as_json: bool, single: bool) -> None:
    if as_json:
        print_json(found[0] if single else {"object": "list", "data": found})
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("tenant", "id", "created", "state"):
        table.add_column(column)
    for tenant in found:
        created = tenant.created_at.date().isoformat()
        state = "[red]suspended[/]" if tenant.suspended_at else "[green]active[/]"
        table.add_row(tenant.name, tenant.id, created, state)
    out.print(table)
