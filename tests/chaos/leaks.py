"""Nothing leaks: strings planted wherever patients' data can stand, then looked for elsewhere.

They go through success and every kind of failure: refused bodies and records, a model that quotes
the note in its error, a worker and a database killed in the midst of it, a client that hangs up.
"""

import base64
import gzip
import json
import os
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from services.local.binaries import find_postgres
from services.local.home import READY_FILE
from services.local.ready import Ready, read_ready
from services.local.running import running
from tests.chaos.mutations import Mutation
from tests.chaos.mutations import environment as mutated
from tests.chaos.planted_datasets import send_datasets
from tests.chaos.plants import (
    broker_with_plants,
    dump_with_plants,
    files_with_plants,
    found_in,
    new_plant,
    processes_with_plants,
    tables_with_plants,
)
from tests.chaos.row import Outcome, Plan, Row
from tests.fakes import FAKE_DOWN, FAKE_EMPTY, FAKE_LOOP, FAKE_REFUSE
from tests.fixtures.openai_server import OpenAIServer, serve
from tests.fixtures.processes import superuser_url

PACE = {
    "EPICRISIS_LEASE_SECONDS": "3",
    "EPICRISIS_SCAN_SECONDS": "1",
    "EPICRISIS_FALLBACK_AFTER_SECONDS": "5",
}
NDJSON = {"Content-Type": "application/x-ndjson"}
FHIR = {"Content-Type": "application/fhir+ndjson"}
_SETTLE_SECONDS = 90.0


@dataclass
class Planter:
    """Hands out strings and counts them."""

    count: int = 0
    kinds: set[str] = field(default_factory=set)

    def __call__(self, kind: str) -> str:
        self.count += 1
        self.kinds.add(kind)
        return new_plant()


def leaks(plants: int, mutation: Mutation | None = None) -> tuple[Planter, list[str]]:
    """Plant at least `plants` strings; what was planted, and where one of them was found."""
    with tempfile.TemporaryDirectory(prefix="epicrisis-leaks-") as folder, serve() as model:
        home, temporary = Path(folder, "home"), Path(folder, "tmp")
        temporary.mkdir(mode=0o1777)
        Path(folder).chmod(0o711)
        environment = {
            **PACE,
            "EPICRISIS_PROMPT_MODEL": model.setting,
            "EPICRISIS_SPOOL_MEMORY_BYTES": "1000",
            "TMPDIR": str(temporary),
            **mutated(mutation),
        }
        plant = Planter()
        with running(home, workers=2, environment=environment) as ready:
            with _client(ready.api_url, ready.api_key) as client:
                _allow_remote_prompts(ready)
                while plant.count < plants:
                    _send_everything(client, plant, model)
                _interrupt(home, client, plant)
                _settle(client)
            found = list(_look(home, temporary, read_ready(home / READY_FILE)))
    return plant, found


def run(plan: Plan) -> Outcome:
    began = time.monotonic()
    plant, found = leaks(plan.of(1_000, 50), plan.mutation)
    measured = f"planted as {len(plant.kinds)} kinds of field"
    seconds, work = time.monotonic() - began, f"{plant.count:,} strings"
    return Outcome(work, 3, seconds, Counter(f"found in {place}" for place in found), measured)


def _client(url: str, key: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def _allow_remote_prompts(ready: Ready) -> None:
    with _client(ready.api_url, ready.admin_key) as admin:
        admin.patch("/v1/tenants/default", json={"remote_prompts": True}).raise_for_status()


def _send_everything(client: httpx2.Client, plant: Planter, model: OpenAIServer) -> None:
    model.failures = [(500, {}), (429, {}), (400, {})]
    for send in (_good_bodies, _bad_bodies, _bad_requests, _one_by_one, send_datasets):
        send(client, plant)


def _note(plant: Planter, words: str = "") -> dict[str, Any]:
    return {
        "custom_id": plant("custom_id"),
        "text": f"Patient {plant('text')} coughs. {words} Seen by Dr {plant('text')}.",
        "subject": f"Patient/{plant('subject')}",
        "metadata": {plant("metadata name"): plant("metadata value")},
    }


def _document_reference(plant: Planter, **members: object) -> dict[str, Any]:
    note = base64.b64encode(f"{plant('attachment')} was well.".encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "id": plant("FHIR id"),
        "status": "current",
        "subject": {"reference": f"Patient/{plant('FHIR subject')}"},
        "description": plant("FHIR member that is not read"),
        "content": [{"attachment": {"contentType": "text/plain", "data": note}}],
        **members,
    }


def _html_attachment(plant: Planter) -> dict[str, Any]:
    page = f"<html><body><p>{plant('HTML attachment')} was well.</p></body></html>"
    data = base64.b64encode(page.encode()).decode()
    attachment = {"contentType": "text/html", "data": data, "title": plant("attachment title")}
    return _document_reference(plant, content=[{"attachment": attachment}])


def _good_bodies(client: httpx2.Client, plant: Planter) -> None:
    """Accepted, if with rejected records among them."""
    notes = [_note(plant, words) for words in ("", FAKE_DOWN, FAKE_REFUSE, FAKE_EMPTY, FAKE_LOOP)]
    twice = _note(plant)
    bad_records = [
        {**_note(plant), plant("unknown member"): plant("value of an unknown member")},
        {**_note(plant), "note_type": plant("unknown note type")},
        {**_note(plant), "metadata": plant("metadata of a wrong type")},
        {**_note(plant), "language": plant("language")},
        {**_note(plant), "text": ""},
        {**_note(plant), "subject": plant("subject too long") * 50},
        twice,
        twice,
    ]
    lines = [json.dumps(record).encode() for record in (*notes, *bad_records)]
    lines += [f'{{"text": "{plant("broken JSON")}'.encode(), b"\xff" + plant("not UTF-8").encode()]
    client.post(
        "/v1/batches",
        content=b"\n".join(lines),
        headers={**NDJSON, "Idempotency-Key": plant("idempotency key")},
    ).raise_for_status()
    resources = [
        _document_reference(plant),
        _html_attachment(plant),
        _document_reference(plant, status="entered-in-error"),
        _document_reference(plant, status=plant("FHIR status")),
        _document_reference(plant, relatesTo=[_replaces(plant)]),
        {"resourceType": plant("FHIR type"), "id": plant("FHIR id")},
    ]
    body = b"\n".join(json.dumps(resource).encode() for resource in resources)
    client.post("/v1/batches", content=body, headers=FHIR).raise_for_status()
    client.post("/v1/batches", files=_files(plant)).raise_for_status()


def _replaces(plant: Planter) -> dict[str, Any]:
    reference = f"DocumentReference/{plant('FHIR reference')}"
    return {"code": "replaces", "target": {"reference": reference}}


def _files(plant: Planter) -> dict[str, tuple[str, bytes, str]]:
    return {
        plant("name of a part"): (f"{plant('file name')}.txt", _text(plant), "text/plain"),
        "other": (f"{plant('file name')}.html", _text(plant), "text/html"),
        "third": (f"{plant('file name')}.pdf", _text(plant), "application/pdf"),
        "fourth": (f"{plant('file name')}.xml", b"<" + _text(plant), "application/xml"),
    }


def _text(plant: Planter) -> bytes:
    return f"{plant('file')} was seen today.".encode()


def _bad_bodies(client: httpx2.Client, plant: Planter) -> None:
    """Refused as a whole."""
    text = {"Content-Type": "text/plain"}
    for content, headers in (
        (b"\x1f\x8b" + _text(plant), {**NDJSON, "Content-Encoding": "gzip"}),
        (gzip.compress(_text(plant))[:-9], {**NDJSON, "Content-Encoding": "gzip"}),
        (_text(plant), {"Content-Type": plant("content type")}),
        (_text(plant), {**text, "Content-Encoding": plant("content encoding")}),
        (json.dumps({"documents": [], plant("parameter"): 1}).encode(), _JSON),
        (json.dumps({"documents": [_note(plant)], "priority": plant("priority")}).encode(), _JSON),
        (json.dumps({"documents": plant("documents")}).encode(), _JSON),
        (b"{" + _text(plant), {"Content-Type": "application/fhir+json"}),
    ):
        assert client.post("/v1/batches", content=content, headers=headers).status_code >= 400


_JSON = {"Content-Type": "application/json"}


def _bad_requests(client: httpx2.Client, plant: Planter) -> None:
    """Paths, queries, headers and small bodies that nobody understands."""
    bearer = {"Authorization": f"Bearer epk_{plant('key')}_{plant('secret')}"}
    for answer in (
        client.get(f"/v1/batches/{plant('path')}"),
        client.get(f"/v1/documents/doc_{plant('path')}/text"),
        client.get("/v1/batches", params={"limit": plant("query")}),
        client.get("/v1/limits", headers=bearer),
        client.post("/v1/batches", content=b"x", params={"priority": plant("query")}),
        client.post("/v1/summaries", json={"text": [plant("text")], "custom_id": plant("id")}),
        client.post("/v1/tenants", json={"name": plant("tenant name")}),
        client.request("DELETE", "/v1/subjects", json={"subject": plant("subject to erase")}),
        client.request(
            plant("method")[:8].upper(), "/v1/batches", headers={"X-Note": plant("header")}
        ),
    ):
        assert answer.status_code >= 400, answer.status_code


def _one_by_one(client: httpx2.Client, plant: Planter) -> None:
    answer = client.post("/v1/summaries", json=_note(plant), headers={"Prefer": "wait=1"})
    answer.raise_for_status()


def _interrupt(home: Path, client: httpx2.Client, plant: Planter) -> None:
    """Hang up in the midst of a body; kill a worker, then the database, while notes go in."""
    url = urlsplit(str(client.base_url))
    head = (
        f"POST /v1/batches HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 100000\r\n"
        f"Authorization: {client.headers['Authorization']}\r\n"
        "Content-Type: application/x-ndjson\r\n\r\n"
    )
    with socket.create_connection((url.hostname or "", url.port or 80)) as connection:
        connection.sendall(head.encode() + json.dumps(_note(plant)).encode() + b"\n")
    pids = read_ready(home / READY_FILE).pids
    workers, postgres = pids["summarization"], pids["postgres"]
    assert isinstance(workers, list)
    assert isinstance(postgres, int)
    for pid in (workers[0], postgres):
        body = b"\n".join(json.dumps(_note(plant)).encode() for _ in range(20))
        with suppress(httpx2.HTTPError):
            client.post("/v1/batches", content=body, headers=NDJSON)
        os.kill(pid, signal.SIGKILL)
        with suppress(httpx2.HTTPError):
            client.post("/v1/batches", content=body, headers=NDJSON)


def _settle(client: httpx2.Client) -> None:
    """Wait until nothing is left to do, then read what there is."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx2.HTTPError, KeyError, ValueError):
            batches = client.get("/v1/batches", params={"limit": 100}).json()["data"]
            if all(batch["status"] == "completed" for batch in batches):
                break
        time.sleep(0.5)
    for batch in batches:
        client.get(f"/v1/batches/{batch['id']}/results").raise_for_status()


def _look(home: Path, temporary: Path, ready: Ready) -> Iterator[str]:
    pg_dump = find_postgres().server.with_name("pg_dump")
    supervisor = int((home / "lock").read_text())
    places: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: files_with_plants([home, temporary]),
        lambda: processes_with_plants(supervisor),
        lambda: broker_with_plants(ready.redis_url),
        lambda: tables_with_plants(ready.database_url),
        lambda: dump_with_plants(pg_dump, superuser_url(home, ready)),
        lambda: _metrics(ready.api_url),
    )
    for place in places:
        yield from place()


def _metrics(url: str) -> Iterator[str]:
    if found_in(httpx2.get(f"{url}/metrics").content):
        yield "the metrics"


ROW = Row(
    "R19",
    "strings planted in every field, through success and every kind of failure",
    "none is found outside sealed columns",
    run,
    (
        Mutation(
            "a log line quotes the results",
            "workers.summarization.tasks",
            '_log.info("recorded", accepted=accepted, of=len(mine))',
            '_log.info("recorded", accepted=accepted, of=str(mine))',
        ),
    ),
)
