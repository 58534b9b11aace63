"""Submission of 10,000 documents of 3 KB over HTTP beside raw binary COPY of the same rows."""

import json
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx2
import psycopg
from psycopg import sql

from services.local.ready import Ready
from services.local.running import running
from tests.fixtures.processes import superuser_url

DOCUMENTS = 10_000
CHARACTERS = 3_000
ROUNDS = 3
GOAL = 0.5
TABLES = ("documents", "document_contents")


def table() -> str:
    body = _body()
    submitted, copied = [], []
    with tempfile.TemporaryDirectory(prefix="epicrisis-bench-") as folder:
        home = Path(folder)
        with running(home, workers=1, environment={"EPICRISIS_PROMPT_MODEL": ""}) as ready:
            admin = psycopg.connect(superuser_url(home, ready))
            with admin, stopped(ready):
                for _ in range(ROUNDS + 1):
                    submitted.append(_submit(ready, body))
                    copied.append(_copy(admin))
    # The first round warms caches and is not counted.
    product, raw = statistics.median(submitted[1:]), statistics.median(copied[1:])
    ratio = raw / product
    rows = [
        ("raw binary COPY of the same rows", raw, "", ""),
        ("POST /v1/batches, sealed, to its 202", product, f"{ratio:.2f}", _verdict(ratio)),
    ]
    head = (
        f"Submission of {DOCUMENTS:,} documents of {CHARACTERS // 1000} KB, median of {ROUNDS}\n\n"
        "| what | seconds | documents/s | of COPY | goal ≥ 0.5 |\n|---|---:|---:|---:|---|\n"
    )
    return head + "".join(
        f"| {what} | {seconds:.2f} | {DOCUMENTS / seconds:,.0f} | {share} | {verdict} |\n"
        for what, seconds, share, verdict in rows
    )


def _verdict(ratio: float) -> str:
    return "met" if ratio >= GOAL else "short"


def _body() -> bytes:
    words = Random(7).choices(
        ["patient", "denies", "chest", "pain", "dyspnea", "fever", "takes", "daily", "mg"], k=9_999
    )
    text = " ".join(words)
    return b"".join(
        json.dumps({"custom_id": f"n-{n}", "text": text[n : n + CHARACTERS]}).encode() + b"\n"
        for n in range(DOCUMENTS)
    )


def _submit(ready: Ready, body: bytes) -> float:
    headers = {
        "Authorization": f"Bearer {ready.api_key}",
        "Content-Type": "application/x-ndjson",
    }
    began = time.perf_counter()
    answer = httpx2.post(f"{ready.api_url}/v1/batches", content=body, headers=headers, timeout=300)
    seconds = time.perf_counter() - began
    answer.raise_for_status()
    return seconds


def _copy(connection: psycopg.Connection) -> float:
    """The newest 10,000 rows of both tables, copied into tables of the same form."""
    seconds = 0.0
    for table in TABLES:
        names = {"table": sql.Identifier(table), "copy": sql.Identifier(f"copy_of_{table}")}
        key = sql.Identifier("id" if table == "documents" else "document_id")
        make = sql.SQL(
            "DROP TABLE IF EXISTS {copy}; CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)"
        )
        newest = sql.SQL(
            "COPY (SELECT * FROM {table} ORDER BY {key} DESC LIMIT {limit}) "
            "TO STDOUT (FORMAT binary)"
        ).format(**names, key=key, limit=DOCUMENTS)
        connection.execute(make.format(**names))
        with connection.cursor().copy(newest) as out:
            rows = b"".join(out)
        connection.commit()
        began = time.perf_counter()
        into = sql.SQL("COPY {copy} FROM STDIN (FORMAT binary)").format(**names)
        with connection.cursor().copy(into) as copy:
            copy.write(rows)
        connection.commit()
        seconds += time.perf_counter() - began
    return seconds


@contextmanager
def stopped(ready: Ready) -> Iterator[None]:
    """Nobody works on what is submitted: only the submission is measured."""
    pids = [*ready.pids["summarization"], ready.pids["dispatcher"]]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
