"""The home: one folder for all that `epicrisis up` keeps, held by one supervisor at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import Conflict

LOGS = "logs"
READY_FILE = "ready.json"


def make_home(home: Path) -> Path:
    """Make the home and its log folder, 0700, unless they are there. Returns the full path."""
    for folder in (home, home / LOGS):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home.resolve()


@contextmanager
def held_home(home: Path) -> Iterator[Path]:
    """Make the home (0700) if need be and hold it. Yields its full path.

    Raises Conflict if another supervisor holds it.
    """
    home = make_home(home)
    # A lock of the kernel's: it ends with the process that holds it, however that ends.
    lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode() or "unknown"
            raise Conflict(
                f"`epicrisis up` is running on {home} already (pid {holder}).",
                how_to_fix="Stop that one, or give this one a home of its own with --home.",
            ) from None
        os.truncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield home
    finally:
        os.close(lock)
