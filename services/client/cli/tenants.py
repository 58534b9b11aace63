"""`epicrisis tenants`."""

from typing import Annotated

import typer

from services.client.cli.connection import connect
from services.client.cli.output import Json, out, plain_table, print_json
from shared.schemas.access import TenantAnswer
from shared.schemas.retention import TenantSettings

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


@tenants.command()
def resume(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    as_json: Json = False,
) -> None:
    """End the suspension of a tenant."""
    with connect(ctx, admin=True) as client:
        _show([client.resume_tenant(name)], as_json=as_json, single=True)


@tenants.command("set")
def configure(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    results_days: Annotated[
        int | None,
        typer.Option(min=0, max=3650, help="Keep results so long; ended batches follow, too."),
    ] = None,
    usual_days: Annotated[
        bool, typer.Option("--usual-days", help="Keep results as long as the installation says.")
    ] = False,
    remote_prompts: Annotated[
        bool | None,
        typer.Option(
            "--allow-remote-prompts/--no-remote-prompts",
            help="Whether its text may go to another operator's prompt server.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change settings of a tenant."""
    given = {"results_days": results_days, "remote_prompts": remote_prompts}
    changes: dict[str, int | bool | None] = {k: v for k, v in given.items() if v is not None}
    if usual_days:
        changes["results_days"] = None
    with connect(ctx, admin=True) as client:
        changed = client.configure_tenant(name, TenantSettings.model_validate(changes))
        _show([changed], as_json=as_json, single=True)


def _show(found: list[TenantAnswer], *, as_json: bool, single: bool) -> None:
    if as_json:
        print_json(found[0] if single else {"object": "list", "data": found})
        return
    table = plain_table("tenant", "id", "created", "results", "state")
    for tenant in found:
        created = tenant.created_at.date().isoformat()
        state = "[red]suspended[/]" if tenant.suspended_at else "[green]active[/]"
        if tenant.shredded_at:
            state = "[red]shredded[/]"
        table.add_row(tenant.name, tenant.id, created, _kept(tenant), state)
    out.print(table)


def _kept(tenant: TenantAnswer) -> str:
    return "as usual" if tenant.results_days is None else f"{tenant.results_days} days"
