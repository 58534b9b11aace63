from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from services.api.main import create_app
from shared.tables import Base, OutboxRow
from tests.factories.training import ready_dataset
from tests.fixtures.ledger import Ledger

HUB = "sshleifer/distilbart-cnn-12-6"


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    with TestClient(create_app(ledger.api, ledger.vault)) as client:
        key = ledger.new_key(ledger.tenant, "training:read", "training:write")
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def set_base(ledger: Ledger, **columns: object) -> None:
    with ledger.owner.transaction() as session:
        session.execute(update(Base).values(**columns))


def test_a_base_is_asked_for_once_and_found_by_a_name_with_a_slash(
    client: TestClient, ledger: Ledger
) -> None:
    answer = client.post("/v1/bases", json={"source": HUB, "licence": "Apache-2.0"})
    base = answer.json()
    assert (answer.status_code, base["name"], base["status"]) == (202, HUB, "queued")
    assert answer.headers["Location"] == f"/v1/bases/{HUB}"
    with ledger.owner.transaction() as session:
        assert session.scalars(select(OutboxRow.name)).all() == ["training.drain"]
    assert client.post("/v1/bases", json={"source": HUB}).json()["id"] == base["id"]
    for path in (f"/v1/bases/{HUB}", f"/v1/bases/{HUB.replace('/', '%2F')}"):
        found = client.get(path)
        assert (found.json(), found.headers["Retry-After"]) == (base, "2")
    set_base(ledger, status="ready", artifact="0" * 64, kind="encoder_decoder", window=1024)
    ready = client.get(f"/v1/bases/{HUB}")
    assert "Retry-After" not in ready.headers
    assert (ready.json()["digest"], ready.json()["window"]) == ("0" * 64, 1024)
    client.post("/v1/bases", json={"source": "packaged:smollm2"}).raise_for_status()
    page = client.get("/v1/bases", params={"limit": 1}).json()
    assert ([one["name"] for one in page["data"]], page["has_more"]) == (["packaged:smollm2"], True)
    rest = client.get("/v1/bases", params={"after": page["data"][0]["id"]}).json()
    assert [one["name"] for one in rest["data"]] == [HUB]


def test_a_failed_import_says_why_and_is_tried_again(client: TestClient, ledger: Ledger) -> None:
    client.post("/v1/bases", json={"source": "/models/tiny"}).raise_for_status()
    set_base(
        ledger,
        status="failed",
        error_code="no_safetensors",
        error_message="It has no weights.",
        error_fix="Save it again.",
    )
    assert client.get("/v1/bases/tiny").json()["error"] == {
        "code": "no_safetensors",
        "message": "It has no weights.",
        "how_to_fix": "Save it again.",
    }
    again = client.post("/v1/bases", json={"source": "/models/tiny"}).json()
    assert (again["status"], again["error"]) == ("queued", None)


def test_a_base_is_deleted_unless_something_began_from_it(
    client: TestClient, ledger: Ledger
) -> None:
    ready_dataset(ledger)
    for name in ("tiny", "other"):
        client.post("/v1/bases", json={"source": f"/models/{name}"}).raise_for_status()
    run = {"note_type": "visit", "dataset": "visits", "base_model": "tiny"}
    client.post("/v1/training-runs", json=run).raise_for_status()
    refused = client.delete("/v1/bases/tiny")
    assert (refused.status_code, refused.json()["code"]) == (409, "base_in_use")
    assert client.delete("/v1/bases/other").status_code == 204
    assert client.get("/v1/bases/other").status_code == 404
    assert client.delete("/v1/bases/other").status_code == 404
