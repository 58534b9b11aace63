"""What sealing costs: the same work with the tenant's vault and with one that seals nothing.

In turns, in this process, on a Postgres that flushes to disk: the submission of decoded notes up to
COMMIT, and their summarization by the extractive route from claim to COMMIT. That route is the
cheapest, so with a model the share is smaller.
"""

import logging
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch
from uuid import UUID

import structlog

from shared.access.tenants import open_vault
from shared.batches.spool import Spool
from shared.batches.submit import submit_batch
from shared.config import EngineSettings, LedgerSettings
from shared.database import Database
from shared.intake.records import Record
from shared.schemas.batches import BatchParameters
from shared.vault import TenantVault, Vault
from tests.bench.databases import databases
from tests.fakes import versions
from workers.presence import Presence
from workers.summarization.model import prompt_model
from workers.summarization.pipeline import Pipeline
from workers.summarization.tasks import Drain

ROUNDS = 5
DOCUMENTS = 2_000
CHARACTERS = 3_000
GOAL = 0.9


class Unsealed(TenantVault):
    """The same calls without cryptography."""

    def seal(self, value: str | bytes, *, row: UUID, field: str) -> bytes:
        del row, field
        return value if isinstance(value, bytes) else value.encode()

    def open_bytes(self, sealed: bytes, *, row: UUID, field: str) -> bytes:
        del row, field
        return sealed

    def mac(self, value: str, *, purpose: str) -> bytes:
        del purpose
        return value.encode()[:32].ljust(32)


def table() -> str:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    submitted: dict[bool, list[float]] = {True: [], False: []}
    summarized: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="epicrisis-bench-") as folder:
        Path(folder).chmod(0o755)
        with databases(Path(folder)) as (api, worker, vault, tenant):
            # Now the one first, now the other: the tables grow on the way.
            for number in range(2 * (ROUNDS + 1)):
                sealing = number % 4 in (0, 3)
                with _vault(api, vault, tenant, sealing=sealing) as opened:
                    submitted[sealing].append(_submit(api, opened))
                    summarized[sealing].append(_summarize(worker, vault))
    rows = (("submission, decoded records to COMMIT", submitted), ("summarization", summarized))
    head = (
        f"{DOCUMENTS:,} notes of {CHARACTERS:,} characters, median of {ROUNDS}\n\n"
        "| what | sealed, documents/s | not sealed | ratio | goal ≥ 0.9 |\n"
        "|---|---:|---:|---:|---|\n"
    )
    return head + "".join(map(_row, rows))


def _row(measured: tuple[str, dict[bool, list[float]]]) -> str:
    what, seconds = measured
    # The first round warms caches and is not counted.
    sealed, bare = (DOCUMENTS / statistics.median(seconds[key][1:]) for key in (True, False))
    verdict = "met" if sealed / bare >= GOAL else "short"
    return f"| {what} | {sealed:,.0f} | {bare:,.0f} | {sealed / bare:.2f} | {verdict} |\n"


@contextmanager
def _vault(api: Database, vault: Vault, tenant: UUID, *, sealing: bool) -> Iterator[TenantVault]:
    with api.transaction(tenant) as session:
        real = open_vault(session, vault, tenant)
    if sealing:
        yield real
        return
    bare = Unsealed(real.tenant, real._cipher, real._mac_key)
    with patch("workers.summarization.tasks.open_vault", lambda *_: bare):
        yield bare


def _submit(api: Database, vault: TenantVault) -> float:
    words = Random(7).choices(["patient", "denies", "chest", "pain.", "He", "takes"], k=9_999)
    text, parameters = " ".join(words), BatchParameters()
    records = [
        Record(n, text[n : n + CHARACTERS], custom_id=f"n-{n}", subject=f"Patient/{n}")
        for n in range(DOCUMENTS)
    ]
    began = time.perf_counter()
    with Spool(vault, parameters, memory_bytes=8 * 2**20) as spool:
        for record in records:
            spool.add(record)
        with api.transaction(vault.tenant) as session:
            submit_batch(session, vault, spool, parameters)
    return time.perf_counter() - began


def _summarize(worker: Database, vault: Vault) -> float:
    settings = LedgerSettings()
    with Presence(worker, "summarization", settings) as presence:
        model = prompt_model(EngineSettings(), presence, settings.fallback_after_seconds)
        pipeline = Pipeline(model, versions(presence), settings)
        drain = Drain(worker, vault, presence, pipeline, settings, threading.Event())
        began = time.perf_counter()
        drain.run()
        return time.perf_counter() - began
