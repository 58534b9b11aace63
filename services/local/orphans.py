"""Processes that a killed server left behind.

A database server works in its data folder, and so does every process that it forks: that tells
them from others where /proc does (Linux), also when their numbers stand nowhere any more.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_COMMAND_CHARACTERS = 15
"""So much of a program's name the kernel keeps."""
_PATIENCE_SECONDS = 10.0


def processes_in(folder: Path, program: Path) -> list[int]:
    """Process ids of `program` whose working directory is `folder`."""
    command, place = program.name[:_COMMAND_CHARACTERS], str(folder.resolve())
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "comm").read_text().strip() == command and str(
                (entry / "cwd").readlink()
            ) == place:
                found.append(int(entry.name))
    return found


def end_processes_in(folder: Path, program: Path) -> None:
    """Wait until `program` no longer works in `folder`; kill it if it does not end by itself.

    The caller holds the home, so no other supervisor's server is meant.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while processes := processes_in(folder, program):
        if time.monotonic() > deadline:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        time.sleep(0.02)
