"""The list of summaries over HTTP, on a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from tests.fixtures.ledger import Ledger


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def listed(client: TestClient, **params: str | int) -> list[Any]:
    answer = client.get("/v1/summaries", params=params)
    assert answer.status_code == 200, answer.text
    data: list[Any] = answer.json()["data"]
    return data


def test_pages_hold_whole_summaries_newest_first(client: TestClient, ledger: Ledger) -> None:
    batch = ledger.submit(*(f"note {number}" for number in range(5)))
    ledger.complete(*ledger.claim())
    lines = ledger.results(batch)
    everything = listed(client)
    ids = [each["id"] for each in everything]
    assert ids == sorted((line.summary.id for line in lines if line.summary), reverse=True)
    documents = {line.summary.id: line.document_id for line in lines if line.summary}
    for each in everything:
        summary = client.get(f"/v1/summaries/{each['id']}").json()
        added = {"document_id", "note_type", "created_at"}
        assert {name: value for name, value in each.items() if name not in added} == summary
        assert each["document_id"] == documents[each["id"]]
    first = client.get("/v1/summaries", params={"limit": 2}).json()
    assert first["has_more"]
    rest = client.get("/v1/summaries", params={"limit": 3, "after": ids[1]}).json()
    assert [each["id"] for each in first["data"] + rest["data"]] == ids
    assert not rest["has_more"]


def test_the_list_narrows(client: TestClient, ledger: Ledger) -> None:
    ledger.submit("one", note_type="visit")
    ledger.complete(*ledger.claim())
    between = datetime.now(UTC).isoformat()
    ledger.submit("two")
    ledger.complete(*ledger.claim())
    newer, older = (each["id"] for each in listed(client))
    with ledger.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE summaries SET model_version = 'models:/visit/3', "
                "prompt_version = 'prompts:/visit/1' WHERE note_type = 'visit'"
            )
        )
    client.post(f"/v1/summaries/{newer}/review", json={"verdict": "accepted"})

    def ids(**params: str) -> list[str]:
        return [each["id"] for each in listed(client, **params)]

    assert ids(model_version="models:/visit/3") == ids(note_type="visit") == [older]
    assert ids(prompt_version="prompts:/visit/1") == ids(to=between) == [older]
    assert ids(review_state="accepted") == ids(**{"from": between}) == [newer]
    assert ids(prompt_version="prompts:/visit/2") == []
    assert client.get("/v1/summaries", params={"prompt_version": "visit"}).status_code == 422
    assert client.get("/v1/summaries", params={"after": "batch_1"}).status_code == 404


def test_a_page_is_in_the_audit_of_each_summary(client: TestClient, ledger: Ledger) -> None:
    ledger.submit("one", "two")
    ledger.complete(*ledger.claim())
    for each in listed(client):
        for name in (each["id"], each["document_id"]):
            events = client.get("/v1/audit", params={"object": name}).json()["data"]
            assert "summary.list" in [event["action"] for event in events]
