"""Files of several formats in one body, as an HTTP library sends them."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from shared.config import IntakeSettings
from tests.fixtures.ledger import Ledger

CDA = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2" extension="7"/><component>'
    "<nonXMLBody><text>Rest.</text></nonXMLBody></component></ClinicalDocument>"
)


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault, IntakeSettings())
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def test_files_become_documents_of_one_batch(client: TestClient) -> None:
    files = [
        ("file", ("ward/a.txt", "Cough.", "text/plain")),
        ("file", ("b.xml", CDA, "application/xml")),
        ("file", ("c.xml", "<x/>", "application/xml")),
        ("file", ("d.pdf", b"%PDF-1.7", "application/pdf")),
    ]
    answer = client.post("/v1/batches", data={"note_type": "visit", "group": "g"}, files=files)
    assert answer.status_code == 202, answer.text
    batch = answer.json()
    counts = batch["request_counts"]
    assert (batch["group"], counts["total"], counts["rejected"]) == ("g", 4, 1)
    assert batch["note_types"] == {"visit": 3}
    [line] = client.get(f"/v1/batches/{batch['id']}/results").text.splitlines()
    assert '"c.xml"' in line
    assert "unsupported_document" in line


def test_a_cda_document_is_a_batch(client: TestClient) -> None:
    answer = client.post("/v1/batches", content=CDA, headers={"Content-Type": "application/xml"})
    assert answer.status_code == 202, answer.text
    assert answer.json()["request_counts"]["queued"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "empty_body"), (b"--b", "invalid_multipart"), (b"--b--\r\n", "empty_body")],
)
def test_a_broken_form_is_refused(client: TestClient, body: bytes, code: str) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("/v1/batches", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_an_unknown_choice_in_a_form_is_refused(client: TestClient) -> None:
    files = {"file": ("a.txt", "Cough.", "text/plain")}
    answer = client.post("/v1/batches", data={"priority": "asap"}, files=files)
    assert answer.status_code == 422
