"""The process that trains, as its supervisor holds it: started, listened to, stopped."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from workers.training.folder import locked, note_group

_NICE = 5
"""Serving goes before training where both have to share a CPU."""
_ENVIRONMENT = (
    "PATH",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "HOME",
    "TMPDIR",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
)
"""What the process gets of ours: no URL and no key."""

Said = dict[str, Any]


class Trainer:
    """One process in a group of its own. Everything that it started ends with it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._lines: queue.SimpleQueue[Said | None] = queue.SimpleQueue()
        self._over = False
        threading.Thread(target=self._listen, name="trainer", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def hear(self, seconds: float) -> list[Said]:
        """What it says within so many seconds, or less where it has ended."""
        heard: list[Said] = []
        deadline = time.monotonic() + seconds
        while not self._over and (left := deadline - time.monotonic()) > 0:
            with suppress(queue.Empty):
                said = self._lines.get(timeout=left)
                if said is None:
                    self._over = True
                else:
                    heard.append(said)
        return heard

    @property
    def over(self) -> bool:
        """It has closed its mouth and all that it said was heard."""
        return self._over

    def ask_to_stop(self) -> None:
        """It writes a checkpoint and ends."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def wait(self, seconds: float) -> int:
        """The exit status (-N: by signal N); what outlives the time, and the leader, is killed."""
        deadline = time.monotonic() + seconds
        while not self._has_ended() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.kill()
        return self._process.wait()

    def _has_ended(self) -> bool:
        """Without reaping it: a dead leader keeps the group's number from becoming a stranger's."""
        if self._process.returncode is not None:
            return True
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, options) is not None

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _listen(self) -> None:
        stream: IO[bytes] | None = self._process.stdout
        for line in stream or ():
            with suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict):
                    self._lines.put(said)
        self._lines.put(None)


@contextmanager
def started(argv: Sequence[str], folder: Path, key: bytes) -> Iterator[Trainer]:
    """Run it for the length of the block, then kill what is left of its group.

    `key`: of the sealed examples. It holds the folder's lock, and ends by itself with this process:
    nobody holds its lifeline open then. Raises StillTraining, OSError.
    """
    with (
        locked(folder) as lock,
        _held(folder / "lifeline"),
        (folder / "trainer.log").open("wb") as log,
    ):
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment() | {"EPICRISIS_RUN_KEY": key.hex()},
            pass_fds=(lock,),
            process_group=0,
        )
        note_group(lock, process.pid)
        trainer = Trainer(process)
        try:
            yield trainer
        finally:
            trainer.wait(0.0)
            if process.stdout is not None:
                process.stdout.close()


def python(module: str, *arguments: str, processes: int = 1) -> tuple[str, ...]:
    """The command of a module; of several processes, one a GPU, through `accelerate launch`."""
    nice = ("nice", "-n", str(_NICE), sys.executable, "-m")
    if processes == 1:
        return (*nice, module, *arguments)
    launch = ("accelerate.commands.launch", "--num_processes", str(processes), "--num_machines")
    plain = ("1", "--mixed_precision", "no", "--dynamo_backend", "no", "--multi_gpu", "-m")
    return (*nice, *launch, *plain, module, *arguments)


@contextmanager
def _held(lifeline: Path) -> Iterator[None]:
    lifeline.unlink(missing_ok=True)
    os.mkfifo(lifeline, 0o600)
    # Read and write: to open it for writing alone would wait for the reader.
    descriptor = os.open(lifeline, os.O_RDWR | os.O_CLOEXEC)
    try:
        yield
    finally:
        os.close(descriptor)


def _environment() -> dict[str, str]:
    offline = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1"}
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**kept, **offline}
