"""`epicrisis up|demo|doctor`: programs of this machine, started so that the client imports none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from services.client.cli.connection import READY_FILE
from services.client.cli.output import Json
from services.client.errors import EpicrisisClientError
from shared.config import HomeSettings

Home = Annotated[
    Path | None, typer.Option(file_okay=False, help="Where its data lies; else EPICRISIS_HOME.")
]
_SERVER_PACKAGES = ("alembic", "celery", "fastapi", "sqlalchemy")
_LOOK_SECONDS = 0.1


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command()(demo)
    app.command()(doctor)


def up(
    home: Home = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0: any free one.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Summarization workers.")] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="Written when work can be done.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Run everything on this machine, in the foreground, until Ctrl-C or SIGTERM.

    With --json the ready file's content is printed once work can be done.
    """
    options = {"--home": home, "--port": port, "--workers": workers, "--ready-file": ready_file}
    command = program("services.local.supervisor", options)
    if as_json:
        folder = home or HomeSettings().home
        raise typer.Exit(_run_and_tell(command, ready_file or folder / READY_FILE))
    become(command)


def demo(home: Home = None, as_json: Json = False) -> None:
    """Start everything, summarize the samples, show what came of it, stop everything."""
    become(program("services.local.demo", {"--home": home}, as_json=as_json))


def doctor(home: Home = None, as_json: Json = False) -> None:
    """Check what Epicrisis needs, and say what to do where something is missing."""
    become(program("services.local.doctor", {"--home": home}, as_json=as_json))


def program(
    module: str,
    options: Mapping[str, Path | int | None],
    *positional: Path,
    as_json: bool = False,
) -> list[str]:
    """The program's command line. Raises EpicrisisClientError where it is not installed."""
    if not all(find_spec(name) for name in _SERVER_PACKAGES):
        raise EpicrisisClientError(
            "Only the client is installed here, not the server.",
            code="not_installed",
            how_to_fix="pip install 'epicrisis[local]'",
        )
    arguments = [sys.executable, "-m", module, *map(str, positional)]
    for name, value in options.items():
        if value is not None:
            arguments += [name, str(value)]
    return [*arguments, "--json"] if as_json else arguments


def become(command: list[str]) -> None:
    """Replace this process: signals and the exit code are the program's own."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def _run_and_tell(command: Sequence[str], ready_file: Path) -> int:
    """Run the program, pass signals on to it, and print its ready file once it is written."""
    began = time.time()
    child = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _: child.send_signal(received))
    while child.poll() is None:
        if ready_file.exists() and ready_file.stat().st_mtime >= began:
            typer.echo(ready_file.read_text().strip())
            return child.wait()
        time.sleep(_LOOK_SECONDS)
    return child.returncode
