"""Deleting and erasing through HTTP."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from shared.retention.purge import purge_expired
from tests.fixtures.ledger import Ledger


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    headers = {"Authorization": f"Bearer {ledger.new_key()}"}
    with TestClient(create_app(ledger.api, ledger.vault), headers=headers) as client:
        yield client


def submit(client: TestClient, *texts: str, subject: str = "Patient/17") -> str:
    documents = [{"text": words, "subject": subject} for words in texts]
    return str(client.post("/v1/batches", json={"documents": documents}).json()["id"])


def events(ledger: Ledger, action: str) -> list[tuple[Any, ...]]:
    query = "SELECT objects, details FROM audit_events WHERE action = %s"
    with psycopg.connect(ledger.urls.auditor) as connection:
        return connection.execute(query, [action]).fetchall()


def test_a_batch_is_deleted_and_the_audit_says_so(client: TestClient, ledger: Ledger) -> None:
    batch = submit(client, "one", "two")
    refused = client.delete(f"/v1/batches/{batch}")
    assert (refused.status_code, refused.json()["code"]) == (409, "batch_running")
    assert "ancel" in refused.json()["how_to_fix"]
    ledger.complete(*ledger.claim())
    counts = {"documents": 2, "summaries": 2, "texts": 2}
    deleted = client.delete(f"/v1/batches/{batch}")
    assert deleted.json() == {"object": "deletion", "batch_id": batch, **counts}
    assert client.get(f"/v1/batches/{batch}").status_code == 404
    assert events(ledger, "batch.delete") == [([batch], counts)]


def test_force_deletes_what_runs(client: TestClient) -> None:
    batch = submit(client, "one")
    answer = client.delete(f"/v1/batches/{batch}", params={"force": "true"})
    assert (answer.status_code, answer.json()["documents"]) == (200, 1)


def test_past_its_time_a_batch_answers_and_its_results_are_gone(
    client: TestClient, ledger: Ledger
) -> None:
    batch = submit(client, "one")
    [held] = ledger.claim()
    ledger.complete(held)
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE batches SET results_expire_at = now()"))
    assert client.get(f"/v1/batches/{batch}").json()["request_counts"]["completed"] == 1
    for path in (f"batches/{batch}/results", f"documents/doc_{held.document.hex}/text"):
        answer = client.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (410, "results_expired")


def test_what_is_purged_can_be_submitted_again(client: TestClient, ledger: Ledger) -> None:
    key = {"Idempotency-Key": "nightly"}
    body = {"documents": [{"text": "one"}]}
    first, again = (client.post("/v1/batches", json=body, headers=key).json() for _ in range(2))
    assert again["id"] == first["id"]
    ledger.complete(*ledger.claim())
    client.patch("/v1/tenants/ward-1", json={"results_days": 0})
    with ledger.worker.transaction() as session:
        assert purge_expired(session, ledger.vault, limit=10) == 1
    later = client.post("/v1/batches", json=body, headers=key).json()
    assert later["id"] != first["id"]
    assert later["request_counts"]["queued"] == 1


def test_a_patient_is_erased_by_an_administrator_alone(client: TestClient, ledger: Ledger) -> None:
    submit(client, "one", "two")
    submit(client, "three", subject="Patient/18")
    body = {"subject": "Patient/17"}
    scopes = ("batches:write", "summaries:read")
    clerk = {"Authorization": f"Bearer {ledger.new_key(None, *scopes)}"}
    assert client.request("DELETE", "/v1/subjects", json=body, headers=clerk).status_code == 403
    erased = client.request("DELETE", "/v1/subjects", json=body)
    assert erased.json() == {
        "object": "erasure",
        "documents": 2,
        "summaries": 0,
        "batches": 1,
        "examples": 0,
        "trained_models": [],
    }
    [(objects, details)] = events(ledger, "subject.erase")
    assert (len(objects), details["documents"]) == (2, 2)
    assert "Patient" not in str((objects, details))
    assert len(ledger.claim()) == 1


def test_an_operator_erases_in_a_tenant_by_its_name(client: TestClient, ledger: Ledger) -> None:
    other = ledger.new_tenant("ward-2")
    theirs = {"Authorization": f"Bearer {ledger.new_key(other)}"}
    documents = [{"text": "one", "subject": "Patient/17"}]
    client.post("/v1/batches", json={"documents": documents}, headers=theirs)
    submit(client, "two")
    body = {"subject": "Patient/17", "tenant": "ward-2"}
    erased = client.request("DELETE", "/v1/subjects", json=body)
    assert erased.json() == {
        "object": "erasure",
        "documents": 1,
        "summaries": 0,
        "batches": 1,
        "examples": 0,
        "trained_models": [],
    }
    assert len(events(ledger, "subject.erase")) == 2  # in the audit of both
    assert [held.tenant for held in ledger.claim()] == [ledger.tenant]
    body = {"subject": "Patient/17", "tenant": "ward-3"}
    assert client.request("DELETE", "/v1/subjects", json=body).status_code == 404


def test_settings_of_a_tenant(client: TestClient, ledger: Ledger) -> None:
    batch = submit(client, "one")
    ledger.complete(*ledger.claim())
    usual = client.get(f"/v1/batches/{batch}").json()["results_expire_at"]
    url = "/v1/tenants/ward-1"
    changed = client.patch(url, json={"results_days": 3}).json()
    assert (changed["results_days"], changed["remote_prompts"]) == (3, False)
    assert client.get(f"/v1/batches/{batch}").json()["results_expire_at"] < usual
    assert client.patch(url, json={"remote_prompts": True}).json()["results_days"] == 3
    assert client.patch(url, json={"results_days": None}).json()["results_days"] is None
    assert client.get(f"/v1/batches/{batch}").json()["results_expire_at"] == usual
    assert client.patch(url, json={"results_days": 3651}).status_code == 422
    assert client.patch("/v1/tenants/ward-9", json={}).status_code == 404
    [shown] = client.get("/v1/tenants").json()["data"]
    assert shown["remote_prompts"]
    assert {"results_days": 3} in [details for _, details in events(ledger, "tenant.configure")]


def test_a_suspension_ends(client: TestClient) -> None:
    client.post("/v1/tenants", json={"name": "ward-9"})
    key = client.post("/v1/keys", json={"tenant": "ward-9"}).json()["key"]
    theirs = {"Authorization": f"Bearer {key}"}
    for verb, status in (("suspend", 403), ("resume", 200)):
        client.post(f"/v1/tenants/ward-9/{verb}")
        assert client.get("/v1/batches", headers=theirs).status_code == status
