"""`epicrisis vault`: the keys that patients' text is sealed under."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from services.client.cli.connection import connect, read_ready
from services.client.cli.output import Json, err, out, print_json
from services.client.errors import EpicrisisClientError
from services.client.http import Epicrisis
from shared.config import HomeSettings
from shared.schemas.access import VaultRotation

vault = typer.Typer(name="vault", help="Master keys and tenants' data keys.", no_args_is_help=True)
_FROM_OUTSIDE = "master_keys_from_outside"


def register(app: typer.Typer) -> None:
    app.add_typer(vault)


@vault.command()
def rotate(
    ctx: typer.Context,
    prune: Annotated[
        bool, typer.Option("--prune", help="Then remove the keys that wrap nothing any more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Wrap every tenant's keys under a new master key. Nothing that is sealed is touched.

    For an `epicrisis up` of this machine the new key is made here. Elsewhere, put it first into the
    file or list of master keys on every machine before, the old one after it, and run this then.
    """
    with connect(ctx, admin=True) as client:
        home = _home_of(client)
        added = _change(home, "add").get("added") if home else None
        done = client.rotate_vault()
    removed: list[str] = []
    if prune and home and not done.unreadable:
        kept = [word for name in done.keys_in_use for word in ("--keep", name)]
        removed = _change(home, "prune", *kept).get("removed", [])
    if as_json:
        print_json({**done.model_dump(mode="json"), "added": added, "removed": removed})
    else:
        _tell(done, removed, home=home)
    if done.unreadable:
        raise typer.Exit(1)


@vault.command()
def shred(
    ctx: typer.Context,
    tenant: Annotated[str, typer.Argument(help="Its name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Destroy a tenant's data key: nobody can read anything of it any more, ever."""
    if not yes:
        err.print(f"Everything of {tenant} becomes unreadable for good, and its access ends.")
        if typer.prompt("Its name again", err=True) != tenant:
            raise typer.BadParameter("That is not the name; nothing was changed.")
    with connect(ctx, admin=True) as client:
        done = client.shred_tenant(tenant)
    if as_json:
        print_json(done)
        return
    out.print(f"{done.name}: shredded {done.shredded_at:%Y-%m-%d %H:%M:%S %Z}")
    err.print(
        "Dumps, backups and the database's own log from before still hold its key, wrapped. They "
        "become worthless with the master key that wrapped it: run `epicrisis vault rotate "
        "--prune`, and destroy every other copy of the old master key.",
        soft_wrap=True,
    )


def _tell(done: VaultRotation, removed: list[str], *, home: Path | None) -> None:
    out.print(f"{done.rewrapped} keys wrapped anew; the master key is now {done.current_key}")
    for name in removed:
        out.print(f"removed: master key {name}")
    if done.unreadable:
        err.print(
            f"[bold red]Of {len(done.unreadable)} tenants a key opens under no master key:[/] "
            f"{' '.join(done.unreadable)}. Keep every master key that there is, and find the one "
            "that is missing.",
            soft_wrap=True,
        )
    elif done.keys_in_use != [done.current_key]:
        err.print(
            f"Still in use: {' '.join(done.keys_in_use)}. Run this again before you remove one."
        )
    elif not removed:
        how = "`epicrisis vault rotate --prune` removes" if home else "Remove"
        err.print(
            f"The older master keys wrap nothing in the database any more. {how} them once no "
            "backup from before has to be restored.",
            soft_wrap=True,
        )


def _home_of(client: Epicrisis) -> Path | None:
    """The home of the `epicrisis up` that answers at this address, if it is this machine's."""
    home = HomeSettings().home
    return home if read_ready(home).get("api_url") == client.api_url else None


def _change(home: Path, change: str, *options: str) -> dict[str, Any]:
    """Change the home's file of master keys, in a process that may know it: the client may not.

    Nothing is changed where the keys are given from outside. Raises EpicrisisClientError.
    """
    command = [sys.executable, "-m", "services.local.rotation", change, "--home", str(home)]
    ended = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    try:
        told: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        raise EpicrisisClientError(
            "The file of master keys could not be changed.", code="rotation_failed"
        ) from None
    error = told.get("error")
    if error is None or error["code"] == _FROM_OUTSIDE:
        return told
    raise EpicrisisClientError(error["message"], code=error["code"], how_to_fix=error["how_to_fix"])
