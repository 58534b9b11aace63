"""Documents/s of the whole system beside the bare engine on the same documents.

The bare engine is given the same prompts, one process a core as the workers are, and nothing else
to do: no HTTP, no database, no evidence, no sealing. Documents: those of EPICRISIS_BENCH_NOTES, an
NDJSON file of records or DocumentReferences; without it those of `samples/documents`.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from services.client.http import Epicrisis
from services.client.wait import wait_until_done
from services.local.capacity import default_summarizers
from services.local.demo import SAMPLE_DOCUMENTS, find_samples
from services.local.running import running
from shared.config import IntakeSettings
from shared.intake.read import read_records
from shared.intake.records import Record

DOCUMENTS = 40
ROUNDS = 3
GOAL = 0.95


def table() -> str:
    records = _records()
    workers = default_summarizers()
    whole, bare = [], []
    with tempfile.TemporaryDirectory(prefix="epicrisis-bench-") as folder:
        notes = Path(folder) / "notes.json"
        notes.write_text(json.dumps([[note_type(r), r.text] for r in records]))
        for _ in range(ROUNDS):
            bare.append(_bare(notes, workers))
            with running(Path(folder) / "home", workers=workers) as ready:
                whole.append(_whole(ready.api_url, ready.api_key, records))
    system, engine = statistics.median(whole), statistics.median(bare)
    ratio = engine / system
    count = len(records)
    verdict = "met" if ratio >= GOAL else "short"
    return (
        f"{count} documents, SmolLM2-135M, {workers} workers, median of {ROUNDS}\n\n"
        "| what | seconds | documents/s | of the engine | goal ≥ 0.95 |\n|---|---:|---:|---:|---|\n"
        f"| bare engine, the same prompts | {engine:.1f} | {count / engine:.2f} | | |\n"
        f"| whole system, HTTP in to results out | {system:.1f} | {count / system:.2f} "
        f"| {ratio:.2f} | {verdict} |\n"
    )


def note_type(record: Record) -> str:
    return record.note_type or record.note_type_from_code or "general"


def _records() -> list[Record]:
    given = os.environ.get("EPICRISIS_BENCH_NOTES")
    samples = find_samples() / SAMPLE_DOCUMENTS
    paths = [Path(given)] if given else sorted(samples.rglob("*.ndjson"))
    found = [record for path in paths for record in _read(path)]
    step = max(len(found) // DOCUMENTS, 1)
    return found[::step][:DOCUMENTS]


def _read(path: Path) -> list[Record]:
    body = path.read_bytes()
    fhir = b'"resourceType"' in body[:1_000]
    intake = read_records(
        [body],
        content_type="application/fhir+ndjson" if fhir else "application/x-ndjson",
        limits=IntakeSettings(),
    )
    return [record for record in intake.records if isinstance(record, Record)]


def _bare(notes: Path, shares: int) -> float:
    """Seconds until the slowest of the engines is done."""
    argv = [sys.executable, "-m", "tests.bench.engine", str(notes)]
    engines = [
        subprocess.Popen([*argv, str(share), str(shares)], stdout=subprocess.PIPE, text=True)
        for share in range(shares)
    ]
    return max(float(engine.communicate()[0].splitlines()[-1]) for engine in engines)


def _whole(url: str, key: str, records: Sequence[Record]) -> float:
    """Seconds from the batch's creation to its completion, by the server's clock."""
    body = b"".join(
        json.dumps({"custom_id": f"n-{n}", "text": r.text, "note_type": note_type(r)}).encode()
        + b"\n"
        for n, r in enumerate(records)
    )
    with Epicrisis(url, key) as client:
        batch = client.submit(body, "application/x-ndjson")
        (done,) = wait_until_done(client, [batch.id])
    assert done.completed_at is not None
    return (done.completed_at - done.created_at).total_seconds()
