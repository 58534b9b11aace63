"""Faults against real processes: one command, a Markdown table.

    python -m tests.chaos [--seed N] [--documents N] [--plants N] [--kills N] [FAULT …]

The model is a small server that answers after a tenth of a second, so that a kill hits work and not
start-up. After each run the oracle looks into the ledger.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from redis import Redis, RedisError

from services.client.errors import EpicrisisClientError
from services.client.http import Epicrisis
from services.local.home import READY_FILE
from services.local.ready import read_ready
from services.local.running import running
from shared.schemas.batches import FINAL_BATCH_STATUSES, BatchAnswer
from shared.schemas.retention import TenantSettings
from tests.chaos.leaks import leaks_row
from tests.chaos.oracle import violations
from tests.chaos.training import training_row
from tests.fixtures.openai_server import serve

BATCH = 100
PACE = {"EPICRISIS_LEASE_SECONDS": "5", "EPICRISIS_SCAN_SECONDS": "1"}
FILLER = "The lungs are clear and the abdomen is soft. " * 30


class Faults:
    """Each method does one fault and says how long to leave things alone after it, in seconds."""

    def __init__(self, home: Path, dice: random.Random) -> None:
        self._home = home
        self._dice = dice

    def workers(self) -> float:
        """SIGKILL of a summarization worker."""
        self._kill(self._dice.choice(self._pids("summarization")))
        return 2.0

    def redis(self) -> float:
        """FLUSHALL, or SIGKILL of the server."""
        if self._dice.random() < 0.7:
            with suppress(RedisError), self._broker() as broker:
                broker.flushall()
        else:
            self._kill(self._pids("redis")[0])
        return self._dice.uniform(0.5, 3)

    def postgres(self) -> float:
        """SIGKILL of the postmaster."""
        self._kill(self._pids("postgres")[0])
        return self._dice.uniform(5, 10)

    def all(self) -> float:
        """Any of them."""
        return self._dice.choice([self.workers, self.workers, self.redis, self.postgres])()

    def _broker(self) -> Redis:
        url = read_ready(self._home / READY_FILE).redis_url
        return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)

    def _pids(self, kind: str) -> list[int]:
        pids = read_ready(self._home / READY_FILE).pids[kind]
        return pids if isinstance(pids, list) else [pids]

    def _kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def run(name: str, documents: int, seed: int) -> str:
    """One row of the table."""
    with tempfile.TemporaryDirectory(prefix="epicrisis-chaos-") as folder, serve() as model:
        model.delay_seconds = 0.1
        home, environment = Path(folder), {**PACE, "EPICRISIS_PROMPT_MODEL": model.setting}
        with running(home, workers=3, environment=environment) as ready:
            with Epicrisis(ready.api_url, ready.admin_key) as admin:
                admin.configure_tenant("default", TenantSettings(remote_prompts=True))
            faults = Faults(home, random.Random(seed))
            over = threading.Event()
            counted: list[int] = [0]
            began = time.monotonic()
            thread = threading.Thread(
                target=_harass, args=(getattr(faults, name), over, counted), daemon=True
            )
            thread.start()
            with Epicrisis(ready.api_url, ready.api_key) as client:
                acknowledged = _submit_and_wait(client, documents)
            seconds = time.monotonic() - began
            over.set()
            thread.join()
            time.sleep(2)
            found = violations(read_ready(home / READY_FILE).database_url, acknowledged)
    verdict = "met" if not found else "short"
    what = (
        "; ".join(f"{count} {question}" for question, count in found.items()) or "0 lost, 0 doubled"
    )
    return f"| {name} | {acknowledged} | {counted[0]} | {seconds:.0f} | {what} | {verdict} |"


def _harass(fault: Callable[[], float], over: threading.Event, counted: list[int]) -> None:
    pause = 1.0
    while not over.wait(pause):
        with suppress(FileNotFoundError):
            pause = fault()
            counted[0] += 1


def _submit_and_wait(client: Epicrisis, documents: int) -> int:
    """Submit in batches, repeating what is not answered; returns the documents acknowledged."""
    batches = []
    for first in range(0, documents, BATCH):
        body = b"".join(
            json.dumps({"custom_id": f"n-{n}", "text": f"Patient {n} coughs. {FILLER}"}).encode()
            + b"\n"
            for n in range(first, min(first + BATCH, documents))
        )
        submit = _patiently(
            lambda body=body, key=f"part-{first}": client.submit(
                body, "application/x-ndjson", idempotency_key=key
            )
        )
        batches.append(submit.id)
    for batch in batches:
        while _patiently(lambda b=batch: client.batch(b)).status not in FINAL_BATCH_STATUSES:
            time.sleep(0.5)
    return documents


def _patiently(ask: Callable[[], BatchAnswer]) -> BatchAnswer:
    while True:
        try:
            return ask()
        except EpicrisisClientError:
            time.sleep(0.5)


def main() -> int:
    names = ["workers", "redis", "postgres", "all", "leaks", "training"]
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("names", nargs="*", metavar="FAULT", help=", ".join(names))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--plants", type=int, default=1_000, help="strings that must not leak")
    parser.add_argument("--kills", type=int, default=20, help="of a training run")
    given = parser.parse_args()
    if unknown := set(given.names) - set(names):
        parser.error(f"there is no fault {', '.join(unknown)}")
    print(f"seed {given.seed}, {given.documents} documents, 3 workers\n")
    print(
        "| fault | documents | faults | seconds | oracle | goal: 0/0 |\n|---|--:|--:|--:|---|---|"
    )
    rows = []
    for name in given.names or names:
        if name == "leaks":
            rows.append(leaks_row(given.plants))
        elif name == "training":
            rows.append(training_row(given.kills, given.seed))
        else:
            rows.append(run(name, given.documents, given.seed))
        print(rows[-1], flush=True)
    return int(any(row.endswith("short |") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
