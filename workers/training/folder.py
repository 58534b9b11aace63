"""The work folder of a run: what its process reads and writes, and by which it resumes.

RUNS/RUN_ID/examples.sealed …   kept while the run waits, runs or is paused
RUNS/RUN_ID/trainer.lock        held by whatever trains in it, with its process group's number
"""

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

LOCK = "trainer.lock"
_LOCK_SECONDS = 20.0


class StillTraining(Exception):
    """A process of an earlier claim neither ends nor can be ended."""


def make_folder(runs: Path, run: UUID) -> Path:
    """Empty, or as the claim before has left it. Nobody else of this machine may look into it."""
    folder = runs / run.hex
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def remove_folder(runs: Path, run: UUID) -> None:
    shutil.rmtree(runs / run.hex, ignore_errors=True)


def folders(runs: Path) -> Iterator[UUID]:
    """Runs that have left a folder here."""
    if runs.is_dir():
        for path in runs.iterdir():
            with suppress(ValueError):
                yield UUID(hex=path.name)


def drop_folders(runs: Path, of: Iterable[UUID]) -> None:
    for run in of:
        remove_folder(runs, run)


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """The lock's descriptor, for the process that is to train here; it holds the lock from then on.

    A process of a claim that was lost (its supervisor hung and was taken for dead) is ended first:
    two would write one checkpoint. Raises StillTraining.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def note_group(descriptor: int, group: int) -> None:
    """Say which process group holds the lock."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(group).encode(), 0)


def _take(descriptor: int) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StillTraining from None
            _kill_holder(descriptor)
            time.sleep(0.1)
        else:
            os.ftruncate(descriptor, 0)
            return


def _kill_holder(descriptor: int) -> None:
    """While the lock is held the number cannot be a stranger's: the group lives."""
    group = os.pread(descriptor, 32, 0)
    if group.isdigit():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(group), signal.SIGKILL)
