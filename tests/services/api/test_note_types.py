"""Note types over HTTP, on a real database."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from shared.note_types.policy import SHIPPED
from tests.fixtures.ledger import Ledger

LOINC = "http://loinc.org"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def put(client: TestClient, name: str, **members: Any) -> Any:  # noqa: ANN401 - any JSON
    # A JSON text in ASCII can say what no UTF-8 can.
    return client.put(f"/v1/note-types/{name}", content=json.dumps(members), headers=JSON)


def test_those_shipped_are_listed_page_by_page(client: TestClient) -> None:
    page = client.get("/v1/note-types", params={"limit": 2, "after": "question"}).json()
    assert ([one["name"] for one in page["data"]], page["has_more"]) == (["general"], False)
    page = client.get("/v1/note-types", params={"limit": 1}).json()
    (discharge,) = page["data"]
    assert page["has_more"]
    assert {"system": LOINC, "code": "18842-5"} in discharge["codes"]
    assert discharge["length"] == {"from": 5, "to": 12}
    assert (discharge["languages"], discharge["source"]) == (["en"], "shipped")
    assert client.get("/v1/note-types/discharge").json() == discharge


def test_a_tenant_has_its_own_and_no_other_tenant_sees_it(
    client: TestClient, ledger: Ledger
) -> None:
    code = {"system": "urn:oid:2.16.840.1.113883.6.1", "code": "18842-5"}
    made = put(client, "sonogram", codes=[code], length={"from": 1, "to": 2}, languages=["de-CH"])
    assert made.status_code == 200, made.text
    assert made.json() == {
        "object": "note_type",
        "name": "sonogram",
        "title": "Sonogram",
        "codes": [{"system": LOINC, "code": "18842-5"}],
        "sections": [],
        "length": {"from": 1, "to": 2},
        "languages": ["de-CH"],
        "style": "paragraph",
        "prompt": None,
        "policy": dict(SHIPPED),
        "source": "tenant",
    }
    assert client.get("/v1/note-types").json()["data"][-1] == made.json()
    other = ledger.new_key(ledger.new_tenant("ward-2"))
    theirs = client.get("/v1/note-types/sonogram", headers={"Authorization": f"Bearer {other}"})
    assert theirs.status_code == 404


def test_what_is_left_out_stays_and_a_deletion_brings_back_what_was_shipped(
    client: TestClient,
) -> None:
    shipped = client.get("/v1/note-types/radiology").json()
    put(client, "radiology", sections=["Impression"])
    put(client, "radiology", title="X-ray")
    changed = client.get("/v1/note-types/radiology").json()
    assert changed == shipped | {
        "sections": ["Impression"],
        "title": "X-ray",
        "source": "tenant",
    }
    for _ in range(2):
        assert client.delete("/v1/note-types/radiology").status_code == 204
        assert client.get("/v1/note-types/radiology").json() == shipped
    assert client.delete("/v1/note-types/sonogram").status_code == 404


def test_a_tenants_own_stays_while_documents_wait_for_it(
    client: TestClient, ledger: Ledger
) -> None:
    put(client, "sonogram")
    ledger.submit("A note.", note_type="sonogram")
    refused = client.delete("/v1/note-types/sonogram")
    assert (refused.status_code, refused.json()["code"]) == (409, "note_type_in_use")
    ledger.complete(*ledger.claim())
    assert client.delete("/v1/note-types/sonogram").status_code == 204


def test_a_code_belongs_to_one_of_them(client: TestClient) -> None:
    code = {"system": "urn:clinic", "code": "SONO"}
    put(client, "sonogram", codes=[code, code])
    refused = put(client, "echo", codes=[code])
    assert (refused.status_code, refused.json()["code"]) == (409, "code_claimed")
    assert client.get("/v1/note-types/sonogram").json()["codes"] == [code]
    shipped = client.get("/v1/note-types/radiology").json()["codes"]
    put(client, "sonogram", codes=shipped[:1])
    assert put(client, "radiology", title="X-ray").json()["codes"] == shipped[1:]


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("visit", {"policy": {"negation_mismatch": "ignore"}}),
        ("visit", {"policy": {"tone": "drop"}}),
        ("visit", {"style": "sonnet"}),
        ("visit", {"prompt": "visit"}),
        ("visit", {"length": {"from": 3, "to": 2}}),
        ("visit", {"length": {"from": 0, "to": 2}}),
        ("visit", {"length": {"from": 1, "to": 2, "unit": "words"}}),
        ("visit", {"languages": ["english"]}),
        ("visit", {"codes": [{"system": "", "code": "1"}]}),
        ("visit", {"codes": [{"system": "urn:x", "code": "1 2"}]}),
        ("visit", {"codes": [{"system": "urn:x", "code": "1"}] * 201}),
        ("visit", {"sections": ["a\u0000b"]}),
        ("visit", {"sections": [""]}),
        ("visit", {"sections": ["\ud800"]}),
        ("visit", {"title": "x" * 121}),
        ("Visit", {}),
        ("1st", {}),
        ("a" * 65, {}),
    ],
)
def test_what_is_not_valid_is_refused(
    client: TestClient, name: str, members: dict[str, Any]
) -> None:
    answer = put(client, name, **members)
    assert answer.status_code == 422
    assert client.get("/v1/note-types/visit").json()["source"] == "shipped"


def test_how_a_summary_is_made_is_set_too(client: TestClient) -> None:
    made = put(
        client,
        "visit",
        style="list",
        prompt="prompts:/general/1",
        policy={"negation_mismatch": "drop", "repeated": "flag"},
    ).json()
    assert (made["style"], made["prompt"]) == ("list", "prompts:/general/1")
    assert made["policy"] == dict(SHIPPED) | {"negation_mismatch": "drop", "repeated": "flag"}
    assert put(client, "visit", title="Visit").json() == made | {"title": "Visit"}
    after = put(client, "visit", policy={}, prompt=None).json()
    assert (after["policy"], after["prompt"], after["style"]) == (dict(SHIPPED), None, "list")
    refused = put(client, "visit", prompt="prompts:/visit/9")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_prompt_version")
    assert "prompts:/visit/1" in refused.json()["how_to_fix"]


def test_only_an_administrator_changes_them_and_it_is_written_down(
    client: TestClient, ledger: Ledger
) -> None:
    reader = {"Authorization": f"Bearer {ledger.new_key(None, 'batches:read')}"}
    assert client.get("/v1/note-types", headers=reader).status_code == 200
    assert client.put("/v1/note-types/visit", json={}, headers=reader).status_code == 403
    assert client.delete("/v1/note-types/visit", headers=reader).status_code == 403
    put(client, "visit", title="Consulta", languages=["es"])
    client.delete("/v1/note-types/visit")
    query = text("SELECT action, objects, details FROM audit_events ORDER BY id")
    with ledger.owner.transaction() as session:
        rows = [row for row in session.execute(query) if row.action.startswith("note_type.")]
    assert [(row.action, row.objects) for row in rows] == [
        ("note_type.set", ["visit"]),
        ("note_type.delete", ["visit"]),
    ]
    assert rows[0].details == {"changed": "languages,title"}
