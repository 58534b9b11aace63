"""One child process: a session of its own, its output in a log, ended when this process ends.

Children must be started from the main thread: the kernel ends them with the *thread* that forked
them, and what runs between fork and exec is safe only without other threads.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from services.local import kernel
from services.local.accounts import Account, own_account
from services.local.files import append_private


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, as whom, and how to end it."""

    name: str
    """Unique; names the log: `api`, `summarization-1`."""
    argv: tuple[str, ...]
    """Any user of the machine can read it: no secrets."""
    environment: Mapping[str, str]
    """All of the child's environment."""
    account: Account = field(default_factory=own_account)
    folder: str | None = None
    """Working directory; default: this process's."""
    stop_signal: signal.Signals = signal.SIGTERM
    before_start: Callable[[], None] | None = None
    """Called before each start, also after a death."""

    @property
    def kind(self) -> str:
        """`summarization` of `summarization-1`."""
        return self.name.partition("-")[0]


class Child:
    """A program and the process that runs it now. Starts at once; raises OSError if it cannot."""

    SHORTEST_DELAY: ClassVar[float] = 0.2
    LONGEST_DELAY: ClassVar[float] = 5.0
    SETTLED_SECONDS: ClassVar[float] = 10.0
    """A process that lived this long starts again without growing delay."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.early_deaths = 0
        """In a row, each before it had lived `SETTLED_SECONDS`."""
        self.start_again_at: float | None = None
        """Monotonic seconds; set between a death and the next start."""
        self.start()

    def start(self) -> None:
        self.start_again_at = None
        self.started_at = time.monotonic()
        if self.program.before_start is not None:
            self.program.before_start()
        self.process = spawn(self.program, self.log)

    @property
    def pid(self) -> int:
        return self.process.pid

    def ended(self) -> int | None:
        """The exit status once the process has ended (-N: by signal N), and None while it lives.

        What it left behind in its process group is killed first, while the dead leader still
        keeps the group's number from being given to a stranger.
        """
        if self.process.returncode is None and sys.platform == "linux":
            options = os.WEXITED | os.WNOHANG | os.WNOWAIT
            if os.waitid(os.P_PID, self.pid, options) is not None:
                self._kill_group()
        return self.process.poll()

    def note_death(self) -> float:
        """Plan the next start; returns the delay in seconds: 0.2, doubling to 5."""
        now = time.monotonic()
        settled = now - self.started_at >= self.SETTLED_SECONDS
        self.early_deaths = 1 if settled else self.early_deaths + 1
        delay = min(self.LONGEST_DELAY, self.SHORTEST_DELAY * 2.0 ** min(self.early_deaths - 1, 10))
        self.start_again_at = now + delay
        return delay

    def ask_to_stop(self) -> None:
        self.start_again_at = None
        if self.ended() is None:
            self.process.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """End the process and its group now."""
        if self.ended() is None:
            self._kill_group()
            self.process.wait()

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of the log, to show when a start fails."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def stop_all(children: Sequence[Child], patience: float) -> None:
    """Ask all to stop; after `patience` seconds kill those that still run."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(child.ended() is None for child in children):
        time.sleep(0.02)
    for child in children:
        child.kill()


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start `program`; its output is appended to `log`. Raises OSError if it cannot start."""
    parent = os.getpid()

    def enter() -> None:
        program.account.enter()
        kernel.die_with_parent(parent, program.stop_signal)

    output = append_private(log)
    try:
        return subprocess.Popen(
            program.argv,
            env=program.environment,
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,
            preexec_fn=enter,  # noqa: PLW1509 - main thread only, see above
        )
    finally:
        os.close(output)
