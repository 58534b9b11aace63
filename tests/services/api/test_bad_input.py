"""Every bad input of a hospital's worst day: a clear refusal, and never a lost neighbour."""

import base64
import gzip
import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from shared.config import IntakeSettings
from tests.fixtures.ledger import Ledger

GOOD = b'{"custom_id": "good-1", "text": "A note."}'
ALSO_GOOD = b'{"custom_id": "good-2", "text": "Another note."}'
DEEP = 100_000
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><ClinicalDocument xmlns="urn:hl7-org:v3">&c;'
    b"</ClinicalDocument>"
)
OUTSIDE = BOMB.replace(b'<!ENTITY a "ha">', b'<!ENTITY a SYSTEM "file:///etc/passwd">')


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    limits = IntakeSettings(max_record_bytes=4 * DEEP)
    key = {"Authorization": f"Bearer {ledger.new_key()}"}
    app = create_app(ledger.api, ledger.vault, limits)
    with TestClient(app, headers=key, raise_server_exceptions=False) as client:
        yield client


def results_of(client: TestClient, batch: str) -> list[dict[str, str]]:
    lines = client.get(f"/v1/batches/{batch}/results", params={"status": "rejected"}).text
    return [json.loads(line)["error"] for line in lines.splitlines()]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b'{"text": "' + b"x" * 5 * DEEP + b'"}', "record_too_large"),
        (b'{"text": "caf\xe9"}', "invalid_utf8"),
        (b'{"text": "a\\u0000b"}', "invalid_characters"),
        (b'{"text": "\\ud800"}', "invalid_characters"),
        (b'{"text": "a\x00b"}', "invalid_json"),
        (b'{"custom_id": "good-1", "text": "Twice."}', "duplicate_custom_id"),
        (b'{"text": "x", "note_type": "poem"}', "unknown_note_type"),
        (b'{"text": ""}', "text_missing"),
        (b'{"text": "x", "colour": "red"}', "unknown_field"),
        (b'{"text": ' + b"[" * DEEP + b"]" * DEEP + b"}", "json_too_deep"),
        (b'["text"]', "not_an_object"),
        (b"{", "invalid_json"),
        (b'{"resourceType": "DocumentReference"}', "unknown_field"),
    ],
)
def test_a_bad_record_is_rejected_alone(client: TestClient, bad: bytes, code: str) -> None:
    answer = client.post(
        "/v1/batches",
        content=b"\n".join((GOOD, bad, ALSO_GOOD)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 202
    counts = answer.json()["request_counts"]
    assert (counts["queued"], counts["rejected"]) == (2, 1)
    (error,) = results_of(client, answer.json()["id"])
    assert (error["code"], error["line"]) == (code, 2)
    assert len(error["message"]) > 20


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ({"resourceType": "Observation", "id": "1"}, "unsupported_resource"),
        ({"resourceType": "DocumentReference", "content": 5}, "text_missing"),
        ({"resourceType": "DocumentReference", "status": "entered-in-error"}, "entered_in_error"),
        ({"resourceType": "DocumentReference", "id": ["x"]}, "invalid_field"),
        ({"resourceType": 7}, "invalid_field"),
        (
            {
                "resourceType": "DocumentReference",
                "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/7"}}],
            },
            "attachment_not_included",
        ),
        (
            {
                "resourceType": "DocumentReference",
                "content": [{"attachment": {"contentType": "image/png", "data": "eA=="}}],
            },
            "unsupported_attachment",
        ),
    ],
)
def test_bad_fhir_is_rejected_alone(
    client: TestClient, resource: dict[str, object], code: str
) -> None:
    note = base64.b64encode(b"A note.").decode()
    good = {
        "resourceType": "DocumentReference",
        "id": "good",
        "content": [{"attachment": {"contentType": "text/plain", "data": note}}],
    }
    body = "\n".join(map(json.dumps, (resource, good)))
    headers = {"Content-Type": "application/fhir+ndjson"}
    answer = client.post("/v1/batches", content=body, headers=headers)
    assert answer.json()["request_counts"]["queued"] == 1
    assert [error["code"] for error in results_of(client, answer.json()["id"])] == [code]


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        (BOMB, "xml_dtd_forbidden"),
        (OUTSIDE, "xml_dtd_forbidden"),
        (b"<a>" * DEEP, "xml_too_deep"),
        (b"<a/>", "unsupported_document"),
        (b"<a", "invalid_xml"),
    ],
)
def test_an_xml_bomb_is_a_rejected_record(client: TestClient, bomb: bytes, code: str) -> None:
    answer = client.post("/v1/batches", content=bomb, headers={"Content-Type": "application/xml"})
    assert answer.status_code == 202
    assert [error["code"] for error in results_of(client, answer.json()["id"])] == [code]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 422, "empty_body"),
        (b"\n \n", {}, 422, "empty_body"),
        (gzip.compress(GOOD)[:-4], {"Content-Encoding": "gzip"}, 422, "broken_gzip"),
        (gzip.compress(bytes(2**25)), {"Content-Encoding": "gzip"}, 422, "gzip_ratio_exceeded"),
        (GOOD, {"Content-Type": "image/png"}, 415, "unsupported_format"),
        (GOOD, {"Content-Encoding": "br"}, 415, "unsupported_encoding"),
        (b"{", {"Content-Type": "application/fhir+json"}, 422, "invalid_json"),
        (b"x", {"Content-Type": "multipart/form-data"}, 422, "invalid_multipart"),
    ],
)
def test_a_bad_body_is_a_clear_refusal(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    given = {"Content-Type": "application/x-ndjson", **headers}
    answer = client.post("/v1/batches", content=content, headers=given)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["how_to_fix"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/clients", b'{"name": "a\\u0000", "jwks": {"keys": []}}'),
        ("POST", "/v1/clients", b'{"name": "\\ud93c", "jwks": {"keys": []}}'),
        ("POST", "/v1/keys", b'{"tenant": "a\\u0000"}'),
        ("GET", "/v1/batches?group=%00", b""),
        ("GET", "/v1/audit?actor=%00", b""),
        ("POST", "/v1/tenants/%00/suspend", b""),
        ("GET", f"/v1/batches/batch_{'0' * 32}/results?after={10**30}", b""),
    ],
)
def test_what_no_database_holds_is_refused(
    client: TestClient, method: str, path: str, body: bytes
) -> None:
    answer = client.request(
        method, path, content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {404, 422}
    assert answer.json()["code"]
