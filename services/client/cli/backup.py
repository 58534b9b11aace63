"""`epicrisis backup|restore`: programs of this machine, beside the database."""

from pathlib import Path
from typing import Annotated

import typer

from services.client.cli.local import Home, become, program
from services.client.cli.output import Json

Folder = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False)]


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(
    folder: Folder,
    home: Home = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="Where the tenants' keys go, apart from DIR; else DIR/keys.json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy database, artifacts and audit anchor into DIR as of one moment, while all goes on.

    Whoever is to read it needs the keys file and the master key, too; neither belongs beside it.
    """
    options = {"--home": home, "--keys": keys}
    become(program("services.local.backups.take", options, folder, as_json=as_json))


def restore(
    folder: Folder,
    home: Home = None,
    keys: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="The newest keys file there is; else DIR/keys.json."),
    ] = None,
    master_keys: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="A copy of the old home's master.keys."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a new home, or fill the empty database of EPICRISIS_DATABASE_URL, from a backup."""
    options = {"--home": home, "--keys": keys, "--master-keys": master_keys}
    become(program("services.local.backups.restore", options, folder, as_json=as_json))
