"""Keys: every bad one is refused alike, a rotated one overlaps, a revoked one ends at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from tests.fixtures.ledger import Ledger


@pytest.fixture
def api(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def make(api: TestClient, **body: object) -> dict[str, Any]:
    answer = api.post("/v1/keys", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def ask(api: TestClient, key: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    answer = api.get("/v1/batches", headers={"Authorization": f"Bearer {key}"})
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
    return answer.status_code, body, headers


def test_every_bad_key_is_answered_alike(api: TestClient, ledger: Ledger) -> None:
    good, revoked, expired = (make(api)["key"] for _ in range(3))
    listed = {key["prefix"]: key["id"] for key in api.get("/v1/keys").json()["data"]}
    api.post(f"/v1/keys/{listed[revoked.split('_')[1]]}/revoke")
    with ledger.owner.transaction() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        statement = "UPDATE api_keys SET expires_at = :past WHERE prefix = :prefix"
        session.execute(text(statement), {"past": past, "prefix": expired.split("_")[1]})
    prefix = good.split("_")[1]
    bad = {
        "revoked": revoked,
        "expired": expired,
        "unknown": f"epk_000000000000_{good.split('_', 2)[2]}",
        "wrong secret": f"epk_{prefix}_{revoked.split('_', 2)[2]}",
        "no secret": f"epk_{prefix}_",
        "cut": good[:-1],
        "another kind": f"sk_{prefix}_{good.split('_', 2)[2]}",
        "garbage": "garbage",
        "long": "epk_" + "a" * 10_000,
    }
    answers = {name: ask(api, key) for name, key in bad.items()}
    assert answers["garbage"][0] == 401
    different = {name: got for name, got in answers.items() if got != answers["garbage"]}
    assert different == {}
    assert ask(api, good)[0] == 200


def test_a_key_without_the_scope_is_another_matter(api: TestClient) -> None:
    status, body, _ = ask(api, make(api, scopes=["summaries:read"])["key"])
    assert (status, body["code"]) == (403, "scope_missing")


def test_a_suspended_tenants_key_says_so(api: TestClient) -> None:
    api.post("/v1/tenants", json={"name": "ward-2"})
    key = make(api, tenant="ward-2")["key"]
    assert ask(api, key)[0] == 200
    api.post("/v1/tenants/ward-2/suspend")
    status, body, _ = ask(api, key)
    assert (status, body["code"]) == (403, "tenant_suspended")


def test_nobody_suspends_their_own_tenant(api: TestClient) -> None:
    answer = api.post("/v1/tenants/ward-1/suspend")
    assert (answer.status_code, answer.json()["code"]) == (409, "own_tenant")
    assert api.get("/v1/batches").status_code == 200


def test_a_rotated_key_overlaps_with_its_successor(api: TestClient) -> None:
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    old = make(api, scopes=["batches:read"], expires_at=expires)
    answer = api.post(f"/v1/keys/{old['id']}/rotate", json={"overlap_seconds": 600})
    new = answer.json()
    assert answer.status_code == 201
    assert (new["scopes"], new["tenant"]) == (old["scopes"], old["tenant"])
    lifetime = datetime.fromisoformat(new["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < lifetime < timedelta(days=31)
    assert ask(api, old["key"])[0] == ask(api, new["key"])[0] == 200
    listed = {key["id"]: key for key in api.get("/v1/keys").json()["data"]}
    ends = datetime.fromisoformat(listed[old["id"]]["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=590) < ends <= timedelta(seconds=600)


def test_without_an_overlap_the_old_key_ends_now(api: TestClient) -> None:
    old = make(api)
    new = api.post(f"/v1/keys/{old['id']}/rotate", json={}).json()
    assert new["expires_at"] is None
    assert (ask(api, old["key"])[0], ask(api, new["key"])[0]) == (401, 200)
    again = api.post(f"/v1/keys/{old['id']}/rotate", json={})
    assert (again.status_code, again.json()["code"]) == (409, "key_ended")


def test_an_overlap_is_no_longer_than_a_week_and_a_key_has_to_be_there(api: TestClient) -> None:
    old = make(api)
    long = api.post(f"/v1/keys/{old['id']}/rotate", json={"overlap_seconds": 700_000})
    assert long.status_code == 422
    missing = f"/v1/keys/key_{'0' * 32}/rotate"
    assert api.post(missing, json={}).status_code == 404


def test_another_tenants_key_is_rotated_for_its_tenant(api: TestClient) -> None:
    api.post("/v1/tenants", json={"name": "ward-2"})
    old = make(api, tenant="ward-2")
    new = api.post(f"/v1/keys/{old['id']}/rotate", json={}).json()
    assert new["tenant"] == "ward-2"
    assert ask(api, new["key"])[0] == 200
