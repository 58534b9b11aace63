"""What is too much is refused before it costs anything, and says when to come again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from shared.config import IntakeSettings
from shared.errors import TooManyRequests
from tests.fixtures.ledger import Ledger

NDJSON = {"Content-Type": "application/x-ndjson"}
ONE = b'{"text": "A note."}\n'
Make = Callable[..., TestClient]


@pytest.fixture
def make(ledger: Ledger) -> Iterator[Make]:
    with ExitStack() as opened:

        def made(**limits: int) -> TestClient:
            app = create_app(ledger.api, ledger.vault, IntakeSettings(**limits))
            key = {"Authorization": f"Bearer {ledger.new_key()}"}
            return opened.enter_context(TestClient(app, headers=key))

        yield made


def test_a_deep_queue_takes_no_more_until_it_has_shrunk(make: Make, ledger: Ledger) -> None:
    client = make(max_queued_documents=3)
    assert client.post("/v1/batches", content=ONE * 3, headers=NDJSON).status_code == 202
    for refused in (
        client.post("/v1/batches", content=ONE, headers=NDJSON),
        client.post("/v1/summaries", json={"text": "A note."}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
        assert int(refused.headers["Retry-After"]) > 0
    other = {"Authorization": f"Bearer {ledger.new_key(ledger.new_tenant('ward-2'))}"}
    theirs = client.post("/v1/batches", content=ONE, headers={**NDJSON, **other})
    assert theirs.status_code == 202
    ledger.complete(ledger.claim(budget=1)[0])
    assert client.post("/v1/batches", content=ONE, headers=NDJSON).status_code == 202


def test_too_many_requests_wait(make: Make) -> None:
    client = make(requests_per_minute=2)
    answers = [client.get("/v1/limits") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 30
    assert client.get("/livez").status_code == 200


def test_the_limits_can_be_asked_for(make: Make) -> None:
    limits = make(max_queued_documents=3, requests_per_minute=9).get("/v1/limits").json()
    assert (limits["max_queued_documents"], limits["requests_per_minute"]) == (3, 9)


def test_nobody_fills_the_memory_with_a_body(make: Make) -> None:
    """Whoever it is: a JSON body is read before anybody asks for a key."""
    client = make(max_record_bytes=10_000)
    for method, path in (
        ("POST", "/v1/summaries"),
        ("POST", "/v1/tenants"),
        ("DELETE", "/v1/subjects"),
        ("POST", "/oauth/token"),
    ):
        headers = {"Authorization": "", "Content-Type": "application/json"}
        if path.startswith("/oauth"):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = client.request(method, path, content=b" " * 10_001, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large"), path
        few = client.request(method, path, content=b" " * 10_000, headers=headers)
        assert few.status_code in (400, 401, 422), path
    many = b'{"text": "A note."}\n' * 1_000
    assert client.post("/v1/batches", content=many, headers=NDJSON).status_code == 202


def test_a_tenants_slow_senders_leave_room_for_others(make: Make, ledger: Ledger) -> None:
    client, slow = make(), ledger.tenant
    other = {"Authorization": f"Bearer {ledger.new_key(ledger.new_tenant('ward-2'))}"}
    uploads = client.app.state.services.uploads
    with ExitStack() as bodies:
        with suppress(TooManyRequests):
            while True:
                bodies.enter_context(uploads.hold(slow))
        refused = client.post("/v1/batches", content=ONE, headers=NDJSON)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_uploads")
        assert int(refused.headers["Retry-After"]) > 0
        theirs = client.post("/v1/batches", content=ONE, headers={**NDJSON, **other})
        assert theirs.status_code == 202
    assert client.post("/v1/batches", content=ONE, headers=NDJSON).status_code == 202


def test_no_answer_leads_where_the_host_header_says(make: Make) -> None:
    answer = make().get("/v1/batches/", headers={"Host": "evil.test"}, follow_redirects=False)
    assert (answer.status_code, "location" in answer.headers) == (404, False)
