"""What the API writes down of each request, through HTTP."""

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc.jwk import ECKey
from sqlalchemy import select, text

from services.api.dependencies import Access
from services.api.main import create_app
from shared.tables import AuditEvent
from tests.factories.registry import add_dataset_version, add_model_version
from tests.factories.training import ready_base, ready_dataset
from tests.fixtures.audit import Audit
from tests.fixtures.ledger import Ledger
from tests.fixtures.processes import wait_until

JWKS = {"keys": [ECKey.generate_key("P-384").as_dict(private=False) | {"kid": "ec"}]}
ELSEWHERE = {
    "POST /oauth/token": "it takes a signed assertion: test_oauth.py",
    "GET /datasets/{name}/versions/{number}/report": "it takes a made version: test_datasets.py",
}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


NDJSON = {"Content-Type": "application/x-ndjson"}
BODY = {"json", "params", "content", "headers"}
QUOTED = ("/datasets/{name}/versions/{number}", "/datasets/{name}/versions/{number}/report")
"""What quotes rows of a dataset; the other reads of `datasets:read` hold figures."""
CASES = ("/evaluations/{evaluation_id}", "/evaluations/{evaluation_id}/report")
"""What quotes examples, to those who may read datasets."""


RUN = {"note_type": "visit", "dataset": "begun", "base_model": "tiny"}
TRIGGER = RUN | {"new_reviews": 50}
COMPARED = {"note_type": "visit", "candidates": ["extractive"], "dataset": "begun@1"}
PROMOTED = {"version": 1, "reason": "tried", "override": True}


class Known(NamedTuple):
    """Objects for the paths of the routes."""

    batch: str
    running: str
    document: str
    summary: str
    key: str
    client: str
    run: str
    trigger: str
    evaluation: str


def submit(client: TestClient, *texts: str) -> str:
    documents = [{"text": words, "subject": "Patient/1"} for words in texts]
    answer = client.post("/v1/batches", json={"documents": documents})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def read(client: TestClient, batch: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in client.get(f"/v1/batches/{batch}/results").text.split("\n")[:-1]
    ]


@pytest.fixture
def known(client: TestClient, ledger: Ledger) -> Known:
    batch = submit(client, "one", "two")
    claimed = ledger.claim()
    ledger.complete(claimed[0])
    ledger.fail(*claimed[1:])
    done = next(line for line in read(client, batch) if line["summary"])
    client.post("/v1/tenants", json={"name": "ward-9"}).raise_for_status()
    key = client.post("/v1/keys", json={"tenant": "ward-9"}).json()["id"]
    made = client.post(
        "/v1/clients", json={"name": "ehr", "jwks": JWKS, "scopes": ["batches:read"]}
    )
    running = submit(client, "three")
    upload = {"content": b'{"source": "four"}', "headers": NDJSON}
    client.post("/v1/datasets/visits/versions", **upload).raise_for_status()
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE dataset_versions SET status = 'failed'"))
    trained = add_dataset_version(ledger, name="trained")
    for number in (1, 2):
        add_model_version(ledger, number, trained)
    client.post("/v1/models/visit/promote", json=PROMOTED).raise_for_status()
    ready_dataset(ledger, "begun")
    ready_base(ledger)
    return Known(
        batch,
        running,
        done["document_id"],
        done["summary"]["id"],
        key,
        made.json()["id"],
        client.post("/v1/training-runs", json=RUN).json()["id"],
        client.post("/v1/training-triggers", json=TRIGGER).json()["id"],
        client.post("/v1/evaluations", json=COMPARED).json()["id"],
    )


def requests(known: Known) -> dict[str, dict[str, Any]]:
    """A request for each route that has to leave a row, in an order in which all succeed."""
    return {
        "POST /batches": {"json": {"documents": [{"text": "four"}]}},
        "POST /batches/{batch_id}/cancel": {"batch_id": known.running},
        "POST /batches/{batch_id}/retry": {"batch_id": known.batch},
        "GET /batches/{batch_id}/results": {"batch_id": known.batch},
        "POST /summaries": {"json": {"text": "five"}},
        "GET /summaries/{summary_id}": {"summary_id": known.summary},
        "GET /summaries": {},
        "GET /summaries/{summary_id}/explain": {"summary_id": known.summary},
        "GET /reviews/next": {},
        "POST /summaries/{summary_id}/review": {
            "summary_id": known.summary,
            "json": {"verdict": "accepted"},
        },
        "GET /summaries/{summary_id}/reviews": {"summary_id": known.summary},
        "GET /documents/{document_id}/text": {"document_id": known.document},
        "POST /tenants": {"json": {"name": "ward-10"}},
        "PATCH /tenants/{name}": {"name": "ward-9", "json": {"results_days": 3}},
        "POST /tenants/{name}/suspend": {"name": "ward-9"},
        "POST /tenants/{name}/resume": {"name": "ward-9"},
        "POST /keys": {"json": {}},
        "POST /keys/{key_id}/rotate": {"key_id": known.key, "json": {}},
        "POST /keys/{key_id}/revoke": {"key_id": known.key},
        "POST /clients": {"json": {"name": "b", "jwks": JWKS, "scopes": ["batches:read"]}},
        "PUT /clients/{client_id}/jwks": {"client_id": known.client, "json": JWKS},
        "POST /clients/{client_id}/revoke": {"client_id": known.client},
        "PUT /note-types/{name}": {
            "name": "visit",
            "json": {"codes": [{"system": "urn:x", "code": "v"}]},
        },
        "DELETE /note-types/{name}": {"name": "visit"},
        "POST /models/{note_type}/demote": {"note_type": "visit"},
        "POST /models/{note_type}/rollback": {"note_type": "visit"},
        "POST /models/{note_type}/promote": {
            "note_type": "visit",
            "json": PROMOTED | {"version": 2},
        },
        "POST /models/{note_type}/versions/{version}/withdraw": {
            "note_type": "visit",
            "version": 1,
            "json": {"reason": "it invents"},
        },
        "POST /prompts/{note_type}/versions": {
            "note_type": "visit",
            "json": {"user": "{{ note }}"},
        },
        "POST /prompts/{note_type}/try": {
            "note_type": "visit",
            "json": {"text": "six"},
            "headers": {"Prefer": "wait=0"},
        },
        "POST /prompts/{note_type}/split": {
            "note_type": "visit",
            "json": {
                "arms": [{"version": 1, "weight": 1}, {"version": 2, "weight": 1}],
                "reason": "which",
            },
        },
        "POST /prompts/{note_type}/split/stop": {"note_type": "visit"},
        "POST /prompts/{note_type}/promote": {
            "note_type": "visit",
            "json": PROMOTED | {"version": 2},
        },
        "POST /prompts/{note_type}/demote": {"note_type": "visit"},
        "POST /prompts/{note_type}/rollback": {"note_type": "visit"},
        "POST /prompts/{note_type}/versions/{version}/withdraw": {
            "note_type": "visit",
            "version": 2,
            "json": {"reason": "it invents"},
        },
        "POST /bases": {"json": {"source": "/models/other"}},
        "DELETE /bases/{base}": {"base": "other"},
        "POST /training-runs": {"json": RUN},
        "POST /training-runs/{run_id}/pause": {"run_id": known.run},
        "POST /training-runs/{run_id}/resume": {"run_id": known.run},
        "POST /training-runs/{run_id}/cancel": {"run_id": known.run},
        "POST /training-triggers": {"json": TRIGGER},
        "POST /training-triggers/{trigger_id}/pause": {"trigger_id": known.trigger},
        "POST /training-triggers/{trigger_id}/resume": {"trigger_id": known.trigger},
        "DELETE /training-triggers/{trigger_id}": {"trigger_id": known.trigger},
        "POST /evaluations": {"json": COMPARED},
        "GET /evaluations/{evaluation_id}": {"evaluation_id": known.evaluation},
        "GET /evaluations/{evaluation_id}/report": {"evaluation_id": known.evaluation},
        "DELETE /evaluations/{evaluation_id}": {"evaluation_id": known.evaluation},
        "POST /vault/rotate": {},
        "POST /tenants/{name}/shred": {"name": "ward-9", "json": {"confirm": "ward-9"}},
        "DELETE /batches/{batch_id}": {"batch_id": known.batch, "params": {"force": True}},
        "DELETE /subjects": {"json": {"subject": "Patient/1"}},
        "POST /datasets/{name}/versions": {
            "name": "visits",
            "content": b'{"source": "five"}',
            "headers": NDJSON,
        },
        "GET /datasets/{name}/versions/{number}": {"name": "visits", "number": 1},
        "DELETE /datasets/{name}/versions/{number}": {"name": "visits", "number": 1},
    }


def audited_routes(client: TestClient) -> set[str]:
    """Every route that reads text or changes something."""
    routers = [getattr(included, "original_router", None) for included in client.app.routes]
    routes = [route for router in routers if router for route in router.routes]
    found = set()
    for route in routes:
        assert isinstance(route, APIRoute)
        [method] = route.methods
        scopes = {d.call.scope for d in route.dependant.dependencies if isinstance(d.call, Access)}
        if method != "GET" or scopes & {"summaries:read", "reviews:write"}:
            found.add(f"{method} {route.path_format}")
    return found | {f"GET {path}" for path in QUOTED + CASES}


def send(client: TestClient, route: str, request: dict[str, Any]) -> Response:
    method, path = route.split()
    values = {name: value for name, value in request.items() if name not in BODY}
    more = {name: value for name, value in request.items() if name not in values}
    return client.request(method, f"/v1{path.format(**values)}", **more)


def test_every_route_that_reads_text_or_changes_something_leaves_a_row(
    client: TestClient, known: Known, ledger: Ledger
) -> None:
    planned = requests(known)
    assert audited_routes(client) == set(planned) | set(ELSEWHERE)
    for route, request in planned.items():
        before = actions(ledger)
        answer = send(client, route, request)
        assert answer.is_success, (route, answer.text)
        written = actions(ledger)[len(before) :]
        assert written, route
        assert len(written) <= 2, (route, written)


def test_reading_a_list_or_a_status_leaves_no_row(
    client: TestClient, known: Known, ledger: Ledger
) -> None:
    before = actions(ledger)
    for path in (
        "/v1/batches",
        f"/v1/batches/{known.batch}",
        "/v1/limits",
        "/v1/keys",
        "/v1/tenants",
        "/v1/audit",
        "/v1/audit/verify",
        "/v1/note-types",
    ):
        assert client.get(path).is_success
    assert client.get(f"/v1/summaries/sum_{'0' * 32}").status_code == 404
    assert actions(ledger) == before


def test_a_read_is_listed_with_the_document(client: TestClient, known: Known) -> None:
    client.get(f"/v1/summaries/{known.summary}")
    client.get(f"/v1/documents/{known.document.upper().replace('DOC_', 'doc_')}/text")
    listed = client.get("/v1/audit", params={"object": known.document}).json()["data"]
    assert [each["action"] for each in listed] == [
        "document.read",
        "summary.read",
        "results.read",
        "batch.create",
    ]
    assert listed[0]["objects"] == [known.document]
    assert listed[0]["request_id"].startswith("req_")
    me = {each["actor"] for each in listed}
    assert len(me) == 1
    assert me.pop().startswith("key_")


def test_the_list_narrows_and_pages(client: TestClient, known: Known) -> None:
    def listed(**params: str | int) -> list[str]:
        answer = client.get("/v1/audit", params=params)
        assert answer.status_code == 200, answer.text
        return [each["action"] for each in answer.json()["data"]]

    everything = client.get("/v1/audit").json()["data"]
    assert listed(action="results.read") == ["results.read"]
    assert listed(actor="key_nobody") == []
    middle = everything[2]["at"]
    since, until = listed(**{"from": middle}), listed(to=middle)
    assert since + until == listed()
    assert len(since) == 3
    first = client.get("/v1/audit", params={"limit": 2}).json()
    assert first["has_more"]
    assert listed(limit=2, after=first["data"][-1]["id"]) == listed()[2:4]
    assert listed(object=known.batch, limit=1) == ["results.read"]
    assert listed(**{"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}) == listed()
    assert client.get("/v1/audit", params={"from": "yesterday"}).status_code == 422


def test_what_is_done_to_a_tenant_stands_in_its_own_audit_too(
    client: TestClient, known: Known
) -> None:
    scopes = {"tenant": "ward-9", "scopes": ["audit:read"]}
    theirs = client.post("/v1/keys", json=scopes).json()["key"]
    answer = client.get("/v1/audit", headers={"Authorization": f"Bearer {theirs}"})
    mine = [each["action"] for each in client.get("/v1/audit").json()["data"]]
    done = [each["action"] for each in answer.json()["data"]]
    assert done == ["key.create", "key.create", "tenant.create"]
    assert mine.count("key.create") == 2
    assert answer.json()["data"][0]["details"] == {"scopes": "audit:read"}
    assert known.batch not in answer.text
    asked = {"headers": {"Authorization": f"Bearer {theirs}"}, "params": {"object": known.batch}}
    assert client.get("/v1/audit", **asked).json()["data"] == []


def test_a_refused_access_is_written_down(client: TestClient, ledger: Ledger) -> None:
    writer = {"Authorization": f"Bearer {ledger.new_key(ledger.tenant, 'batches:write')}"}
    assert client.get("/v1/audit", headers=writer).status_code == 403
    assert client.post("/v1/summaries", json={"text": "x"}, headers=writer).status_code == 403
    assert client.get("/v1/batches", headers={"Authorization": "Bearer epk_a_b"}).status_code == 401
    refused = client.get("/v1/audit").json()["data"]
    assert [(each["action"], each["details"]["scope"]) for each in refused] == [
        ("access.denied", "summaries:read"),
        ("access.denied", "audit:read"),
    ]


def test_a_summary_that_is_waited_for_is_read(client: TestClient, ledger: Ledger) -> None:
    assert client.post("/v1/summaries", json={"text": "Cough."}).status_code == 202
    ledger.complete(*ledger.claim())
    assert "summary.read" not in actions(ledger)

    def work() -> None:
        wait_until(lambda: (claimed := ledger.claim()) and ledger.complete(*claimed))

    worker = Thread(target=work)
    worker.start()
    answer = client.post("/v1/summaries", json={"text": "Fever."}, headers={"Prefer": "wait=10"})
    worker.join()
    assert answer.status_code == 200
    newest = client.get("/v1/audit").json()["data"][0]
    assert newest["action"] == "summary.read"
    assert newest["objects"][0] == answer.json()["id"]
    assert actions(ledger).count("summary.read") == 1


def test_a_download_of_many_pages_is_one_row(
    client: TestClient, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.api.routes.batches._PAGE", 1)
    batch = submit(client, "one", "two", "three")
    ledger.complete(*ledger.claim())
    assert len(read(client, batch)) == 3
    assert actions(ledger) == ["batch.create", "results.read"]


def test_tampering_is_seen_over_http(
    client: TestClient, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPICRISIS_AUDIT_ANCHOR", str(audit.anchor))
    submit(client, "one")
    audit.chain()
    found = client.get("/v1/audit/verify").json()
    assert (found["ok"], found["events"], found["anchored_seq"]) == (True, 1, 1)
    with audit.ledger.owner.transaction() as session:
        session.execute(text("UPDATE audit_events SET actor = 'key_other'"))
    found = client.get("/v1/audit/verify").json()
    [event] = client.get("/v1/audit").json()["data"]
    assert found["findings"] == [{"kind": "event_changed", "id": event["id"], "seq": 1}]
    audit.anchor.unlink()
    assert client.get("/v1/audit/verify").json()["anchored_seq"] is None


def actions(ledger: Ledger) -> list[str]:
    with ledger.owner.transaction() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
