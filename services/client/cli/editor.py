"""A text in the person's editor."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import typer


def edit(text: str) -> str:
    """What $VISUAL, else $EDITOR, else `vi` leaves of the text.

    The text lies meanwhile in a folder that only this account can open. Raises typer.Abort when the
    editor ends with an error, as a person gives up in most of them.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="epicrisis-") as folder:
        file = Path(folder) / "summary.txt"
        file.write_text(text + "\n", encoding="utf-8")
        command = [*shlex.split(editor), str(file)]
        if subprocess.run(command, check=False).returncode:
            raise typer.Abort
        return file.read_text(encoding="utf-8").strip()
