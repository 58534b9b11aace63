"""Somebody who asks the API ten times a second, and how it answers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from tests.chaos.house import House

_PAUSE_SECONDS = 0.1
_ANSWER_SECONDS = 10.0


@dataclass
class Probe:
    """`unavailable`: 503 with Retry-After; `bad`: any other answer that is no success."""

    asked: int = 0
    unavailable: int = 0
    bad: list[str] = field(default_factory=list)
    last_success: float = 0.0
    """Of the monotonic clock."""

    def note(self, answer: httpx2.Response) -> None:
        self.asked += 1
        if answer.is_success:
            self.last_success = time.monotonic()
        elif answer.status_code == 503 and "Retry-After" in answer.headers:
            self.unavailable += 1
        else:
            self.bad.append(f"{answer.status_code}")


@contextmanager
def probing(home: House) -> Iterator[Probe]:
    """Reads a list of batches, which needs the database, until the block ends."""
    probe, ending = Probe(), threading.Event()
    headers = {"Authorization": f"Bearer {home.started.api_key}"}

    def ask() -> None:
        with httpx2.Client(
            base_url=home.started.api_url, headers=headers, timeout=_ANSWER_SECONDS
        ) as client:
            while not ending.wait(_PAUSE_SECONDS):
                try:
                    probe.note(client.get("/v1/batches", params={"limit": 1}))
                except httpx2.HTTPError as error:
                    probe.bad.append(type(error).__name__)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield probe
    finally:
        ending.set()
        thread.join()
