"""What is too much is refused before it costs anything, and says when to come again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from shared.config import IntakeSettings
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
