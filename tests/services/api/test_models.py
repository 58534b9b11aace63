"""The registry over HTTP, on a real database and a store in a folder."""

import hashlib
import io
import json
import struct
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from services.api.main import create_app
from shared.artifacts import ArtifactUnusable
from shared.ids import parse_id
from shared.storage import Storage
from shared.tables import AuditEvent
from tests.factories.registry import add_dataset_version, add_evaluation, add_model_version
from tests.fixtures.ledger import Ledger

BETTER = {
    "rougeL": (2.0, 0.5, 3.5),
    "support": (0.0, -0.01, 0.01),
    "numbers": (0.0, 0.0, 0.0),
    "entities": (0.0, 0.0, 0.0),
}
PAST = {"reason": "tried", "override": True}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


@pytest.fixture
def dataset(ledger: Ledger) -> UUID:
    dataset = add_dataset_version(ledger)
    for number in (1, 2):
        add_model_version(ledger, number, dataset)
    return dataset


def post(client: TestClient, path: str, **body: object) -> Any:  # noqa: ANN401 - any JSON
    return client.post(f"/v1/models/visit/{path}", json=body)


def serves(client: TestClient) -> dict[str, Any]:
    listed = client.get("/v1/models").json()["data"]
    (visit,) = [one for one in listed if one["note_type"] == "visit"]
    return dict(visit)


@pytest.mark.usefixtures("dataset")
def test_the_way_into_production_and_back(client: TestClient) -> None:
    assert serves(client) | {"versions": 2, "newest": "models:/visit/2"} == serves(client)
    assert (serves(client)["serves"], serves(client)["since"]) == (None, None)
    answer = post(client, "promote", version=1, **PAST).json()
    assert (answer["version"], answer["before"]) == ("models:/visit/1", None)
    post(client, "promote", version=2, **PAST, expected_production=1).raise_for_status()
    assert serves(client)["serves"] == "models:/visit/2"
    versions = client.get("/v1/models/visit/versions").json()["data"]
    assert [(one["number"], one["in_production"]) for one in versions] == [(2, True), (1, False)]
    middle = datetime.now(UTC).isoformat()
    assert client.post("/v1/models/visit/rollback").json()["version"] == "models:/visit/1"
    assert post(client, "demote", reason="enough").json()["version"] is None
    history = client.get("/v1/models/visit/history").json()
    assert [(one["action"], one["reason"]) for one in history["data"]] == [
        ("demote", "enough"),
        ("rollback", "not given"),
        ("promote", "tried"),
        ("promote", "tried"),
    ]
    then = client.get("/v1/models/visit/history", params={"at": middle}).json()
    assert then["version"] == "models:/visit/2"
    assert client.get("/v1/models/visit/history?at=2026-11-23T10:00:00").status_code == 422


def test_a_gate_that_is_not_passed_is_answered_with_its_table(
    client: TestClient, ledger: Ledger, dataset: UUID
) -> None:
    refused = post(client, "promote", version=1, reason="better")
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "gate_not_passed")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "epicrisis compare visit models:/visit/1" in problem["how_to_fix"]
    add_evaluation(ledger, 1, dataset, {**BETTER, "numbers": (-0.3, -0.4, -0.2)})
    gate = post(client, "promote", version=1, reason="better").json()["gate"]
    failed = [row for row in gate["rows"] if not row["passed"]]
    assert [(row["metric"], row["difference"]) for row in failed] == [("numbers", -0.3)]
    assert post(client, "promote", version=1, reason="", override=True).status_code == 422
    assert serves(client)["serves"] is None
    add_evaluation(ledger, 1, dataset, BETTER)
    assert post(client, "promote", version=1, reason="better").json()["gate"]["passed"]


@pytest.mark.usefixtures("dataset")
def test_a_recall_takes_it_out_and_makes_its_summaries_again(
    client: TestClient, ledger: Ledger
) -> None:
    post(client, "promote", version=1, **PAST)
    ledger.submit("Knee pain.", "Back pain.")
    ledger.complete(*ledger.claim())
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE summaries SET model_version = 'models:/visit/1'"))
    answer = post(client, "versions/1/withdraw", reason="it invents").json()
    assert (answer["version"], answer["before"]) == (None, "models:/visit/1")
    assert (answer["summaries_withdrawn"], answer["redo_batch"]) == (2, None)
    (line,) = client.get("/v1/models/visit/history", params={"limit": 1}).json()["data"]
    assert (line["action"], line["reason"]) == ("withdraw", "it invents")
    assert post(client, "versions/1/withdraw", reason="again").status_code == 409
    again = post(client, "versions/1/withdraw", reason="again", redo=True).json()
    assert ledger.batch(parse_id("batch", again["redo_batch"])).request_counts.total == 2
    shown = client.get("/v1/models/visit/versions/1").json()
    assert (shown["status"], shown["withdrawn_because"]) == ("withdrawn", "it invents")
    assert "must not be used: it invents" in shown["card"]


@pytest.mark.usefixtures("dataset")
def test_who_may_read_may_not_promote_and_what_was_done_is_written_down(
    client: TestClient, ledger: Ledger
) -> None:
    reader = {"Authorization": f"Bearer {ledger.new_key(None, 'models:read')}"}
    assert client.get("/v1/models/visit/versions", headers=reader).is_success
    refused = client.post("/v1/models/visit/promote", json={"version": 1} | PAST, headers=reader)
    assert refused.status_code == 403
    post(client, "promote", version=1, **PAST)
    with ledger.owner.transaction() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "model.promote")
        ).one()
    assert event.objects == ["models:/visit/1"]
    assert event.details == {
        "note_type": "visit",
        "serves": "models:/visit/1",
        "gate": "overridden",
    }


def publish(ledger: Ledger, dataset: UUID, store: Path, source: Path) -> Storage:
    """`models:/visit/3`, whose files lie in the store."""
    source.mkdir()
    header = b'{"__metadata__":{}}'
    (source / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"w" * 700)
    (source / "config.json").write_text('{"model_type": "bart"}')
    storage = Storage(str(store))
    add_model_version(ledger, 3, dataset, artifact=storage.publish(source).digest)
    return storage


def test_an_archive_holds_the_files_as_they_were_published(
    client: TestClient,
    ledger: Ledger,
    dataset: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "/v1/models/visit/versions/3/archive"
    publish(ledger, dataset, tmp_path / "store", tmp_path / "source")
    add_evaluation(ledger, 3, dataset, BETTER)
    assert client.get(url).json()["code"] == "storage_unavailable"
    monkeypatch.setenv("EPICRISIS_ARTIFACTS_URL", str(tmp_path / "store"))
    with tarfile.open(fileobj=io.BytesIO(client.get(url).content)) as archive:
        read = {one.name: archive.extractfile(one) for one in archive}
        found = {name: file.read() for name, file in read.items() if file is not None}
    assert list(found) == ["manifest.json", "config.json", "model.safetensors", "README.md"]
    manifest = json.loads(found["manifest.json"])
    assert manifest["version"]["name"] == "models:/visit/3"
    for file in manifest["files"]:
        content = found[file["name"]]
        assert content == (tmp_path / "source" / file["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    card = found["README.md"].decode()
    assert card.startswith("---\nlicense: ")
    assert "| rougeL |" in card
    assert "2 [0.5, 3.5]" in card


def test_a_damaged_file_breaks_the_stream_off(
    client: TestClient,
    ledger: Ledger,
    dataset: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(ledger, dataset, tmp_path / "store", tmp_path / "source")
    monkeypatch.setenv("EPICRISIS_ARTIFACTS_URL", str(tmp_path / "store"))
    (weights,) = (tmp_path / "store").rglob("model.safetensors")
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    with pytest.raises(RuntimeError, match="response already started") as broken:
        client.get("/v1/models/visit/versions/3/archive")
    assert isinstance(broken.value.__cause__, ArtifactUnusable)
    missing = client.get("/v1/models/visit/versions/2/archive")
    assert missing.status_code == 404
