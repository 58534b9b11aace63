import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, update

from services.api.main import create_app
from shared.tables import AuditEvent, DatasetVersion
from tests.fixtures.ledger import Ledger

ABOUT = {"note_type": "visit", "origin": "written for the test", "permitted_use": "training"}
ROWS = [
    {"source": "Quillfeather has a cough.", "target": "Cough.", "group_id": "p1", "ward": "7"},
    {"source": "", "target": "Nothing."},
    {"source": "He sprained an ankle.", "target": "Sprained ankle.", "split": "dev"},
]


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    with TestClient(create_app(ledger.api, ledger.vault)) as client:
        key = ledger.new_key(ledger.tenant, "datasets:read", "datasets:write")
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def ndjson(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def upload(
    client: TestClient, body: bytes, media_type: str = "application/x-ndjson", **more: str
) -> Response:
    return client.post(
        "/v1/datasets/visits/versions",
        params={**ABOUT, **more},
        content=body,
        headers={"Content-Type": media_type},
    )


def test_an_upload_is_a_version_that_waits_to_be_curated(client: TestClient) -> None:
    answer = upload(client, ndjson(*ROWS))
    assert answer.status_code == 202, answer.text
    version = answer.json()
    assert (version["name"], version["status"]) == ("visits@1", "queued")
    assert answer.headers["Location"] == "/v1/datasets/visits/versions/1"
    assert upload(client, ndjson(*ROWS)).json()["number"] == 2
    (dataset,) = client.get("/v1/datasets").json()["data"]
    assert (dataset["name"], dataset["versions"]) == ("visits", 2)
    (decision,) = client.get("/v1/datasets/visits/versions/1/decisions").text.splitlines()
    assert json.loads(decision)["reason"] == "empty_source"


def test_a_version_is_derived_only_from_one_that_is_ready(client: TestClient) -> None:
    upload(client, ndjson(*ROWS))
    answer = client.post("/v1/datasets/visits/versions", json={"from": "visits@1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "dataset_not_ready")
    answer = client.post("/v1/datasets/visits/versions", json={"from": "Quillfeather"})
    assert (answer.status_code, answer.json()["param"]) == (422, "from")
    assert "Quillfeather" not in answer.text


def test_a_report_quotes_rows_so_reading_it_is_written_down(
    client: TestClient, ledger: Ledger
) -> None:
    upload(client, ndjson(*ROWS))
    version = "/v1/datasets/visits/versions/1"
    assert client.get(f"{version}/report").json()["code"] == "dataset_not_ready"
    with ledger.owner.transaction() as session:
        row = session.execute(select(DatasetVersion.id)).scalar_one()
        page = ledger.opened().seal("<p>Quillfeather</p>", row=row, field="page")
        ready = update(DatasetVersion).values(status="ready", page_sealed=page)
        session.execute(ready)
    answer = client.get(f"{version}/report")
    assert (answer.text, answer.headers["content-type"]) == (
        "<p>Quillfeather</p>",
        "text/html; charset=utf-8",
    )
    with ledger.owner.transaction() as session:
        last = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc())).first()
        session.execute(update(DatasetVersion).values(page_sealed=None))
    assert last == "dataset.read"
    assert client.get(f"{version}/report").status_code == 410
