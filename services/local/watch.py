"""Watches children and starts again what dies. One thread."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import Signals
from subprocess import SubprocessError

from services.local.children import Child, Program, stop_all
from shared.errors import EpicrisisError

_TICK_SECONDS = 0.05
_EARLY_DEATHS = 5


class DoesNotStart(EpicrisisError):
    """A process dies again and again, or what it should do does not come about."""

    code = "does_not_start"


class Stopped(Exception):
    """Somebody asked to stop."""


class Watch:
    """Children in the order in which they were started; `say` is told one line per event."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self._stopping = False
        self.lenient = False
        """Once all was up, a process may die as often as it likes."""
        self._logs = logs
        self._say = say

    def ask_to_stop(self) -> None:
        """What a signal handler may call: the next `pause` raises Stopped."""
        self._stopping = True

    def start(self, program: Program) -> Child:
        child = Child(program, self._logs / f"{program.name}.log")
        self._say(f"{program.name} started (pid {child.pid})")
        self.children.append(child)
        return child

    def tick(self) -> bool:
        """Look at every child once; true if one was started again, so that a pid changed.

        Raises DoesNotStart if one dies five times in a row before all was up.
        """
        changed = False
        for child in self.children:
            if child.start_again_at is None:
                self._look_at(child)
            elif time.monotonic() >= child.start_again_at:
                changed = self._start_again(child) or changed
        return changed

    def wait_until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait, watching. Raises Stopped when asked to, DoesNotStart after `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise DoesNotStart(f"{what}: not within {seconds:.0f} seconds.")
            self.pause()
            self.tick()

    def pause(self) -> None:
        """Raises Stopped when asked to."""
        if self._stopping:
            raise Stopped
        time.sleep(_TICK_SECONDS)

    def stop(self, children: Sequence[Child], patience: float) -> None:
        stop_all(children, patience)
        for child in tuple(children):
            self._say(f"{child.program.name} stopped")
            self.children.remove(child)

    def _start_again(self, child: Child) -> bool:
        try:
            child.start()
        except (OSError, SubprocessError) as error:
            # No memory or no process left on the machine may pass; the others must not suffer.
            delay = child.note_death()
            self._say(f"{child.program.name} cannot start ({error}); again in {delay:.1f} s")
            return False
        self._say(f"{child.program.name} restarted (pid {child.pid})")
        return True

    def _look_at(self, child: Child) -> None:
        status = child.ended()
        if status is None:
            return
        name, delay = child.program.name, child.note_death()
        if not self.lenient and child.early_deaths >= _EARLY_DEATHS:
            raise DoesNotStart(f"{name} does not start. From {child.log}:\n{child.log_tail()}")
        self._say(f"{name} died ({_describe(status)}); starting it again in {delay:.1f} s")


def _describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {Signals(-status).name}"
