"""One gigabyte of NDJSON through `epicrisis submit`, over connections that break.

A proxy cuts each connection after a random number of bytes, and the command is killed twice
and typed again. What counts: each document is there once, and memory stays level.
"""

import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from services.local.ready import Ready
from services.local.running import running
from tests.bench.submission import stopped

BYTES = 10**9
DOCUMENT_CHARACTERS = 3_000
KILLS = 2
SEED = 1
GOAL = 1.25
"""Of the API's peak memory after a tenth of the gigabyte."""
_PIECE_BYTES = 64 * 1024
_CUT_WITHIN_BYTES = 2 * 2**20


@dataclass
class Cutter:
    """Passes bytes on to an address, and breaks each connection off."""

    host: str
    port: int
    dice: random.Random
    cuts: int = 0
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        left = self.dice.randrange(_CUT_WITHIN_BYTES)
        with client, socket.create_connection((self.host, self.port)) as server, suppress(OSError):
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if client in ready:
                    piece = client.recv(min(_PIECE_BYTES, left))
                    server.sendall(piece)
                    left -= len(piece)
                else:
                    piece = server.recv(_PIECE_BYTES)
                    client.sendall(piece)
                if left == 0:
                    self.cuts += 1
                    return
                if not piece:
                    return


def table() -> str:
    with tempfile.TemporaryDirectory(prefix="epicrisis-bench-") as folder:
        notes = Path(folder, "notes.ndjson")
        documents = _write(notes)
        environment = {
            "EPICRISIS_PROMPT_MODEL": "",
            "EPICRISIS_MAX_QUEUED_DOCUMENTS": str(10 * documents),
        }
        with running(Path(folder, "home"), environment=environment) as ready, stopped(ready):
            with _cutter(ready) as cutter:
                began = time.monotonic()
                early = _submit(ready, cutter, notes)
                seconds = time.monotonic() - began
            peak = _peak_bytes(ready)
            there, different = _count(ready)
    whole = there == different == documents
    level = peak / early
    return (
        f"One gigabyte of NDJSON, {documents:,} documents, {seconds:.0f} s\n\n"
        "| what | figure | goal | |\n|---|---:|---:|---|\n"
        f"| connections cut at a random byte; command killed | {cutter.cuts}; {KILLS} | | |\n"
        f"| documents in the ledger; distinct | {there:,}; {different:,} | {documents:,} | "
        f"{'met' if whole else 'short'} |\n"
        f"| API's peak memory after a tenth, at the end | {early / 1e6:.0f} MB, {peak / 1e6:.0f} MB"
        f" | ≤ {GOAL} | {'met' if level <= GOAL else 'short'} |\n"
    )


def _write(path: Path) -> int:
    words = random.Random(7).choices(
        ["patient", "denies", "chest", "pain", "dyspnea", "fever", "takes", "daily", "mg"], k=9_999
    )
    text = " ".join(words)
    documents = written = 0
    with path.open("w") as file:
        while written < BYTES:
            start = documents * 37 % 20_000
            piece = f"Note {documents}. {text[start : start + DOCUMENT_CHARACTERS]}"
            written += file.write(f'{{"custom_id": "n-{documents}", "text": "{piece}"}}\n')
            documents += 1
    return documents


def _submit(ready: Ready, cutter: Cutter, notes: Path) -> int:
    """Type the command until it is done; the API's peak memory after a tenth of the work."""
    command = [Path(sys.executable).with_name("epicrisis"), "submit", notes, "--json"]
    environment = {
        **os.environ,
        "EPICRISIS_API_URL": cutter.url,
        "EPICRISIS_API_KEY": ready.api_key,
    }
    early = 0
    for killed in range(KILLS + 1):
        silent = subprocess.DEVNULL
        child = subprocess.Popen(command, env=environment, stdout=silent, stderr=silent)
        if killed < KILLS:
            time.sleep(cutter.dice.uniform(5, 15))
            child.send_signal(signal.SIGKILL)
        child.wait()
        early = early or _peak_bytes(ready)
    if child.returncode:
        raise RuntimeError("epicrisis submit did not come to its end")
    return early


def _count(ready: Ready) -> tuple[int, int]:
    with psycopg.connect(ready.database_url) as connection:
        row = connection.execute(
            "SELECT count(*), count(DISTINCT custom_id_mac) FROM documents"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def _peak_bytes(ready: Ready) -> int:
    status = Path(f"/proc/{ready.pids['api']}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@contextmanager
def _cutter(ready: Ready) -> Iterator[Cutter]:
    address = urlsplit(ready.api_url)
    cutter = Cutter(address.hostname or "", address.port or 80, random.Random(SEED))
    threading.Thread(target=cutter.serve, daemon=True).start()
    with cutter.listener:
        yield cutter
