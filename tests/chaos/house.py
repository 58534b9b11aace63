"""Everything of Epicrisis as real processes, with a model that answers when it is told to."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, TypeVar

import psycopg
from redis import Redis

from services.client.http import Epicrisis
from services.local.home import READY_FILE
from services.local.ready import Ready, read_ready
from services.local.running import running
from shared.schemas.retention import TenantSettings
from tests.chaos.mutations import Mutation
from tests.chaos.mutations import environment as mutated
from tests.chaos.row import Plan
from tests.fixtures.openai_server import OpenAIServer, serve
from tests.fixtures.processes import superuser_url

LEASE_SECONDS, SCAN_SECONDS = 5.0, 1.0
PACE = {
    "EPICRISIS_LEASE_SECONDS": str(LEASE_SECONDS),
    "EPICRISIS_SCAN_SECONDS": str(SCAN_SECONDS),
    "EPICRISIS_MICRO_BATCH_SECONDS": "1",
}
"""So that a run of minutes sees what else would take hours."""
_PATIENCE = 120.0
Found = TypeVar("Found")


@dataclass
class House:
    """What runs, and how to hurt it."""

    home: Path
    dice: random.Random
    model: OpenAIServer
    started: Ready
    client: Epicrisis
    admin: Epicrisis

    @property
    def ready(self) -> Ready:
        """As it is now: pids follow restarts."""
        return until(lambda: read_ready(self.home / READY_FILE))

    def pids(self, kind: str) -> list[int]:
        """Of `api`, `dispatcher`, `summarization`, `training`, `background`, `postgres`, …"""
        pids = self.ready.pids[kind]
        return pids if isinstance(pids, list) else [pids] if pids else []

    def kill(self, kind: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Signal one of them, by chance; returns its pid."""
        victim = self.dice.choice(self.pids(kind))
        with suppress(ProcessLookupError):
            os.kill(victim, number)
        return victim

    def take_away(self, kind: str, seconds: float) -> None:
        """Kill a server, and let nobody start it again for so long."""
        supervisor = int((self.home / "lock").read_text())
        os.kill(supervisor, signal.SIGSTOP)
        try:
            self.kill(kind)
            time.sleep(seconds)
        finally:
            os.kill(supervisor, signal.SIGCONT)

    def redis(self) -> Redis:
        return Redis.from_url(self.ready.redis_url, socket_timeout=1, socket_connect_timeout=1)

    def ask(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """As the superuser, whom row-level security does not concern; waits for the database."""

        def look() -> list[tuple[Any, ...]] | None:
            url = superuser_url(self.home, self.started)
            with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=2) as one:
                return one.execute(query, values or None).fetchall()
            return None

        return until(look)


@contextmanager
def house(  # noqa: PLR0913 - what it is made of
    plan: Plan,
    *,
    workers: int = 3,
    environment: Mapping[str, str] | None = None,
    delay: float = 0.0,
    planted: Sequence[Mutation] = (),
    under: Path | None = None,
) -> Iterator[House]:
    """`delay`: seconds that the model takes for a document, `house.model.delay_seconds` later on.

    The plan's mutation is in every process of it, and so are those `planted`: faults of its own.
    `under`: the folder of its home, if not that of temporary files.
    """
    with (
        tempfile.TemporaryDirectory(prefix="epicrisis-chaos-", dir=under) as folder,
        serve() as model,
    ):
        model.delay_seconds = delay
        home = Path(folder)
        given = {
            **PACE,
            "EPICRISIS_PROMPT_MODEL": model.setting,
            **(environment or {}),
            **mutated(plan.mutation, *planted),
        }
        with (
            running(home, workers=workers, environment=given) as ready,
            Epicrisis(ready.api_url, ready.api_key) as client,
            Epicrisis(ready.api_url, ready.admin_key) as admin,
        ):
            admin.configure_tenant("default", TenantSettings(remote_prompts=True))
            yield House(home, random.Random(plan.seed), model, ready, client, admin)


def until(condition: Callable[[], Found | None], seconds: float = _PATIENCE) -> Found:
    """What it says once that is neither None nor False. Fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(OSError, KeyError, ValueError):
            found = condition()
            if found is not None and found is not False:
                return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
