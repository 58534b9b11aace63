"""What the process says while it works: JSON lines on stdout, and nothing else there."""

import json
import os
import sys
import time
from typing import TextIO

_SECONDS_BETWEEN_STEPS = 0.5


class Events:
    """Rank 0 speaks, the others are silent. Takes stdout for itself: prints go to stderr."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._step: tuple[str, float] = ("", 0.0)

    @classmethod
    def on_stdout(cls) -> "Events":
        stream = (
            os.fdopen(os.dup(1), "w", buffering=1) if os.environ.get("RANK", "0") == "0" else None
        )
        sys.stdout.flush()
        os.dup2(2, 1)
        return cls(stream)

    @property
    def speaks(self) -> bool:
        return self._stream is not None

    def say(self, event: str, **values: object) -> None:
        if self._stream is not None:
            print(json.dumps({"event": event, **values}), file=self._stream, flush=True)

    def step(self, name: str, done: int, total: int, **values: object) -> None:
        """Of one name at most two a second, its first and its last always."""
        now = time.monotonic()
        before, at = self._step
        if name != before or done >= total or now - at >= _SECONDS_BETWEEN_STEPS:
            self._step = (name, now)
            self.say("step", step=name, done=done, total=total, **values)

    def warn(self, code: str, message: str) -> None:
        self.say("warning", code=code, message=message)
