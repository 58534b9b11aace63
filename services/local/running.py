"""`epicrisis up` for the length of a block: for the demonstration, tests and measurements."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from services.local.children import Child, Program, stop_all
from services.local.home import LOGS, READY_FILE, make_home
from services.local.ready import Ready, read_ready
from services.local.watch import DoesNotStart

SUPERVISOR = (sys.executable, "-m", "services.local.supervisor")
_PATIENCE = 90.0
"""Longer than the supervisor's own with its children."""


@contextmanager
def running(
    home: Path,
    *,
    workers: int = 1,
    environment: Mapping[str, str] | None = None,
    seconds: float = 900.0,
    supervisor: Sequence[str] = SUPERVISOR,
) -> Iterator[Ready]:
    """Run everything under `home`, yield once work can be done, and stop it cleanly.

    `environment`: added to this process's. The supervisor writes to `home/logs/supervisor.log`;
    `read_ready(home / READY_FILE)` tells pids anew after a restart. From the main thread only.
    Raises DoesNotStart with the end of that log if it ends first or is not ready in `seconds`.
    """
    home = make_home(home)
    ready_file = home / READY_FILE
    ready_file.unlink(missing_ok=True)
    program = Program(
        name="supervisor",
        argv=(
            *supervisor,
            *("--home", str(home), "--port", "0", "--workers", str(workers)),
            *("--ready-file", str(ready_file)),
        ),
        environment={**os.environ, **(environment or {})},
    )
    child = Child(program, home / LOGS / "supervisor.log")
    try:
        yield _wait_for(ready_file, child, seconds)
    finally:
        stop_all([child], _PATIENCE)


def _wait_for(ready_file: Path, child: Child, seconds: float) -> Ready:
    deadline = time.monotonic() + seconds
    while not ready_file.exists():
        if child.ended() is not None:
            raise DoesNotStart(f"`epicrisis up` ended. From {child.log}:\n{child.log_tail()}")
        if time.monotonic() > deadline:
            raise DoesNotStart(
                f"`epicrisis up` is not ready after {seconds:.0f} seconds. "
                f"From {child.log}:\n{child.log_tail()}"
            )
        time.sleep(0.05)
    return read_ready(ready_file)
