"""A PDF from door to door, with real processes; and with a background worker that is killed."""

import base64
import json
import os
import signal

import pytest

from services.client.wait import wait_until_done
from tests.fixtures.attachments import PDF, encrypted_pdf, make_pdf
from tests.fixtures.processes import wait_until
from tests.flow.conftest import Flow

pytestmark = pytest.mark.flow
COUNT = 200


def references(*attachments: tuple[str, bytes]) -> bytes:
    """FHIR NDJSON; the ids are r-0, r-1, …"""
    resources = [
        {
            "resourceType": "DocumentReference",
            "id": f"r-{number}",
            "status": "current",
            "content": [
                {"attachment": {"contentType": kind, "data": base64.b64encode(data).decode()}}
            ],
        }
        for number, (kind, data) in enumerate(attachments)
    ]
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def submit(flow: Flow, *attachments: tuple[str, bytes]) -> str:
    return flow.client.submit(references(*attachments), "application/fhir+ndjson").id


def test_attachments_of_every_kind(faked: Flow) -> None:
    batch = submit(
        faked,
        (PDF, make_pdf(["PLAN:", "Rest and fluids for the flu."])),
        ("text/rtf", rb"{\rtf1\ansi\b PLAN:\b0\par Rest and fluids for the cough.\par}"),
        ("text/html", b"<h2>Plan</h2><p>Rest and fluids for the cold."),
        (PDF, encrypted_pdf("secret")),
    )
    wait_until_done(faked.client, [batch])
    lines = {line.custom_id[-1]: line for line in faked.client.results(batch)}
    assert {number: line.status for number, line in lines.items()} == {
        "0": "succeeded",
        "1": "succeeded",
        "2": "succeeded",
        "3": "rejected",
    }
    assert lines["3"].error is not None
    assert lines["3"].error.code == "attachment_encrypted"
    text = faked.client.document_text(lines["0"].document_id)
    assert text == "PLAN:\nRest and fluids for the flu."
    for log in (faked.home / "logs").iterdir():
        assert "fluids" not in log.read_text(), log.name


def test_a_killed_background_worker_loses_nothing(faked: Flow) -> None:
    pages = [(PDF, make_pdf([f"Patient {n} has a cough."])) for n in range(COUNT)]
    batch = submit(faked, *pages)
    pid = faked.ready.pids["background"]
    assert isinstance(pid, int)
    wait_until(lambda: faked.client.batch(batch).request_counts.completed > 0, seconds=20)
    os.kill(pid, signal.SIGKILL)
    (done,) = wait_until_done(faked.client, [batch])
    assert (done.status, done.request_counts.completed) == ("completed", COUNT)
