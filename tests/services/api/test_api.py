"""The API through HTTP, on a real database, without workers."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from shared.config import IntakeSettings
from shared.schemas.batches import BatchParameters
from tests.fixtures.ledger import Ledger

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault, IntakeSettings(max_body_bytes=10_000))
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def ndjson(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def submit(client: TestClient, *texts: str, **query: str) -> dict[str, Any]:
    body = ndjson(*({"custom_id": f"n-{n}", "text": words} for n, words in enumerate(texts)))
    answer = client.post("/v1/batches", content=body, headers=NDJSON, params=query)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_submission_is_answered_with_its_batch(client: TestClient) -> None:
    body = ndjson({"text": "Cough for 3 days."}, {"text": ""}, {"text": "Knee pain."})
    answer = client.post(
        "/v1/batches", content=gzip.compress(body), headers={**NDJSON, "Content-Encoding": "gzip"}
    )
    batch = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/batches/{batch['id']}"
    assert int(answer.headers["Retry-After"]) > 0
    assert (batch["request_counts"]["queued"], batch["request_counts"]["rejected"]) == (2, 1)
    assert client.get(answer.headers["Location"]).json()["id"] == batch["id"]


def test_the_batch_says_when_nobody_works(client: TestClient) -> None:
    assert submit(client, "note")["attention"]["code"] == "no_summarization_worker"


def test_the_batch_says_what_troubles_the_workers(client: TestClient, ledger: Ledger) -> None:
    presence = (
        "INSERT INTO workers (id, queue, host, pid, state, attention, attention_since, seen_at) "
        "VALUES (gen_random_uuid(), 'summarization', 'gpu-1', 1, 'idle', :code, now(), "
        "now() - make_interval(secs => :age))"
    )
    url = f"/v1/batches/{submit(client, 'note')['id']}"
    for code, age, expected in (
        (None, 60, "no_summarization_worker"),
        (None, 1, None),
        ("model_unavailable", 1, "model_unavailable"),
    ):
        with ledger.worker.transaction() as session:
            session.execute(text(presence), {"code": code, "age": age})
        attention = client.get(url).json()["attention"]
        assert (attention and attention["code"]) == expected


def test_a_stalled_queue_is_seen(client: TestClient, ledger: Ledger) -> None:
    url = f"/v1/batches/{submit(client, 'note')['id']}"
    worker = (
        "INSERT INTO workers (id, queue, host, pid, state, seen_at) "
        "VALUES (gen_random_uuid(), 'summarization', 'gpu-1', 1, 'idle', now())"
    )
    with ledger.owner.transaction() as session:
        session.execute(text(worker))
    assert client.get(url).json()["attention"] is None
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE documents SET not_before = now() - interval '2 minutes'"))
    assert client.get(url).json()["attention"]["code"] == "queue_stalled"
    assert 'epicrisis_queue_waiting{queue="summarization"} 1.0' in client.get("/metrics").text
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE documents SET not_before = 'infinity'"))
    assert client.get(url).json()["attention"] is None, "of a cancelled batch"
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE documents SET not_before = now() - interval '2 minutes'"))
        session.execute(text("UPDATE workers SET state = 'busy'"))
    assert client.get(url).json()["attention"] is None


def test_results_are_lines_that_resume(client: TestClient, ledger: Ledger) -> None:
    batch = submit(client, "one", "two", "three")
    ledger.complete(*ledger.claim(), words="Short.")
    url = f"/v1/batches/{batch['id']}/results"
    lines = [json.loads(line) for line in client.get(url).text.splitlines()]
    assert {line["custom_id"] for line in lines} == {"n-0", "n-1", "n-2"}
    assert lines[0]["summary"]["text"] == "Short."
    rest = client.get(url, params={"after": lines[0]["seq"], "limit": 1}).text.splitlines()
    assert [json.loads(line)["seq"] for line in rest] == [lines[1]["seq"]]
    summary = lines[0]["summary"]["id"]
    assert client.get(f"/v1/summaries/{summary}").json()["text"] == "Short."
    assert client.get(f"/v1/documents/{lines[0]['document_id']}/text").text in {
        "one",
        "two",
        "three",
    }


def test_a_repeated_submission_is_the_same_batch(client: TestClient) -> None:
    headers = {**NDJSON, "Idempotency-Key": "monday"}
    body = ndjson({"text": "one"})
    first, again = (client.post("/v1/batches", content=body, headers=headers) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    squeezed = client.post(
        "/v1/batches",
        content=gzip.compress(body),
        headers={**headers, "Content-Encoding": "gzip"},
    )
    assert squeezed.json()["id"] == first.json()["id"]
    other = client.post("/v1/batches", content=ndjson({"text": "two"}), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_a_submission_that_came_to_nothing_frees_its_key(client: TestClient) -> None:
    headers = {**NDJSON, "Idempotency-Key": "tuesday"}
    assert client.post("/v1/batches", content=b"", headers=headers).status_code == 422
    again = client.post("/v1/batches", content=ndjson({"text": "one"}), headers=headers)
    assert again.status_code == 202


def test_json_bodies_bring_their_parameters(client: TestClient) -> None:
    body = {"documents": [{"text": "note"}], "note_type": "visit", "metadata": {"ward": "7"}}
    batch = client.post("/v1/batches", json=body).json()
    assert (batch["note_types"], batch["metadata"]) == ({"visit": 1}, {"ward": "7"})


def test_a_group_is_summed(client: TestClient) -> None:
    submit(client, "one", "two", group="2026-w47")
    submit(client, "three", group="2026-w47")
    listed = client.get("/v1/batches", params={"group": "2026-w47", "limit": 1}).json()
    assert (listed["group"]["batches"], listed["group"]["request_counts"]["queued"]) == (2, 3)
    assert listed["has_more"]
    after = {"after": listed["data"][0]["id"]}
    assert len(client.get("/v1/batches", params=after).json()["data"]) == 1


def test_cancel_and_retry(client: TestClient, ledger: Ledger) -> None:
    batch = submit(client, "one")
    ledger.fail(*ledger.claim())
    url = f"/v1/batches/{batch['id']}"
    assert client.post(f"{url}/cancel").status_code == 409
    assert client.post(f"{url}/retry").json()["status"] == "in_progress"
    assert client.post(f"{url}/cancel").json()["status"] == "cancelling"


def test_one_document_waits_for_its_summary(client: TestClient) -> None:
    body = {"text": "Cough for 3 days.", "note_type": "visit"}
    answer = client.post("/v1/summaries", json=body, headers={"Prefer": "wait=0"})
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    for bad in ({"text": "a\u0000b"}, {"text": "x", "note_type": "poem"}, {"text": " "}):
        assert client.post("/v1/summaries", json=bad).status_code == 422


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", NDJSON, 422, "empty_body"),
        (b"not gzip", {**NDJSON, "Content-Encoding": "gzip"}, 422, "broken_gzip"),
        (b"x", {"Content-Type": "image/png"}, 415, "unsupported_format"),
        (b"x" * 20_000, {"Content-Type": "text/plain"}, 413, "payload_too_large"),
        (b"{}", {"Content-Type": "application/json"}, 422, "documents_missing"),
    ],
)
def test_a_bad_body_is_a_clear_error(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.post("/v1/batches", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["how_to_fix"]


@pytest.mark.parametrize(
    ("path", "content", "detail"),
    [
        ("/v1/summaries", b'{"text": ""}', "text: String should have at least 1 character"),
        ("/v1/batches?note_typ=visit", b"x", "A parameter of the query is not known."),
        ("/v1/summaries", b"{broken", "The body is no JSON object."),
        ("/v1/summaries", b"", "The body is no JSON object."),
        ("/v1/summaries", b"[]", "The body is no JSON object."),
        (
            "/v1/summaries/sum_1/review",
            b'{"verdict": "edited"}',
            "body: `text` comes with the verdict `edited`, and only then",
        ),
        (
            "/v1/batches?superseded=never",
            b"x",
            "superseded: Input should be 'include' or 'skip'",
        ),
    ],
)
def test_a_mistake_is_told_with_what_is_allowed(
    client: TestClient, path: str, content: bytes, detail: str
) -> None:
    answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)


def test_ids_of_nothing_are_named_by_a_word(client: TestClient) -> None:
    known = {"documents/doc_1/text": "document", "summaries/sum_1": "summary"}
    for path, word in known.items():
        assert client.get(f"/v1/{path}").json()["detail"] == f"There is no such {word}."


def test_the_document_describes_files_and_every_parameter(client: TestClient) -> None:
    post = client.get("/openapi.json").json()["paths"]["/v1/batches"]["post"]
    query = {each["name"]: each for each in post["parameters"] if each["in"] == "query"}
    assert set(query) == set(BatchParameters.model_fields) - {"metadata"}
    assert all(each["description"] for each in query.values())
    files = post["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert set(files) == {"file", *query}


def test_an_error_never_gives_back_what_was_sent(client: TestClient) -> None:
    body = {"documents": [{"text": "x", "Quillfeather": 1}], "priority": "Quillfeather"}
    for answer in (
        client.post("/v1/batches", json=body),
        client.post("/v1/summaries", json={"text": 7, "Quillfeather": "Quillfeather"}),
        client.post("/v1/batches", content=b"x", params={"priority": "Quillfeather"}),
    ):
        assert answer.status_code == 422
        assert "Quillfeather" not in answer.text


def test_keys_scopes_and_other_tenants(client: TestClient, ledger: Ledger) -> None:
    batch = submit(client, "one")
    other = ledger.new_key(ledger.new_tenant("ward-2"))
    reader = ledger.new_key(ledger.tenant, "batches:read")
    url = f"/v1/batches/{batch['id']}"
    for key, status in (("", 401), ("epk_a_b", 401), (other, 404), (reader, 200)):
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get(url, headers=headers).status_code == status
        assert client.get(f"{url}/results", headers=headers).status_code in {401, 403, 404}
    for nothing in ("batch_0", "batch_" + "0" * 32, "doc_1"):
        assert client.get(f"/v1/batches/{nothing}").status_code == 404


def test_an_administrator_makes_tenants_and_keys(client: TestClient) -> None:
    assert client.post("/v1/tenants", json={"name": "ward-9"}).status_code == 201
    assert client.post("/v1/tenants", json={"name": "ward-9"}).status_code == 409
    made = client.post("/v1/keys", json={"tenant": "ward-9", "scopes": ["batches:read"]}).json()
    theirs = {"Authorization": f"Bearer {made['key']}"}
    assert client.get("/v1/batches", headers=theirs).status_code == 200
    assert client.post("/v1/keys", json={}, headers=theirs).status_code == 403
    assert {key["tenant"] for key in client.get("/v1/keys").json()["data"]} == {"ward-1", "ward-9"}
    client.post(f"/v1/keys/{made['id']}/revoke")
    assert client.get("/v1/batches", headers=theirs).status_code == 401
    made = client.post("/v1/keys", json={"tenant": "ward-9"}).json()
    client.post("/v1/tenants/ward-9/suspend")
    theirs = {"Authorization": f"Bearer {made['key']}"}
    assert client.get("/v1/batches", headers=theirs).status_code == 403


def test_lists_come_in_pages(client: TestClient) -> None:
    for number in range(3):
        client.post("/v1/tenants", json={"name": f"page-{number}"})
        client.post("/v1/keys", json={"tenant": f"page-{number}"})
    for path in ("/v1/tenants", "/v1/keys"):
        whole = [row["id"] for row in client.get(path).json()["data"]]
        first = client.get(path, params={"limit": 2}).json()
        assert first["has_more"]
        after = {"after": first["data"][-1]["id"], "limit": len(whole)}
        rest = client.get(path, params=after).json()
        assert not rest["has_more"]
        assert [row["id"] for row in first["data"] + rest["data"]] == whole
