"""The process ends with its supervisor, and stops in order when it is told to."""

import os
import signal
import threading
from pathlib import Path
from types import FrameType

_LOST = 86
"""Exit status of a process whose supervisor is gone."""


def hold_on(fifo: Path) -> None:
    """End this process, whatever it does, as soon as nobody holds the FIFO open for writing.

    Without such a file it runs free.
    """
    if fifo.exists():
        threading.Thread(target=_wait, args=(fifo,), daemon=True, name="lifeline").start()


def _wait(fifo: Path) -> None:
    # Opened without waiting: a supervisor that died before this would never open its end.
    pipe = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(pipe, True)
    while os.read(pipe, 1):
        pass
    os._exit(_LOST)


class StopSignal:
    """Whether SIGTERM has come."""

    def __init__(self) -> None:
        self.is_set = False
        signal.signal(signal.SIGTERM, self._set)

    def _set(self, _number: int, _frame: FrameType | None) -> None:
        self.is_set = True
