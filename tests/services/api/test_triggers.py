from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from services.api.main import create_app
from shared.tables import TrainingTrigger
from tests.factories.training import ready_base, ready_dataset
from tests.fixtures.ledger import Ledger

ASKED = {"note_type": "visit", "dataset": "visits", "base_model": "tiny"}
WEEKLY = {"schedule": "0 2 * * 0", "time_zone": "Europe/Vienna"}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    ready_dataset(ledger)
    ready_base(ledger)
    with TestClient(create_app(ledger.api, ledger.vault)) as client:
        key = ledger.new_key(ledger.tenant, "training:read", "training:write")
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def test_a_trigger_is_added_paused_resumed_and_deleted(client: TestClient, ledger: Ledger) -> None:
    answer = client.post("/v1/training-triggers", json=ASKED | WEEKLY)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/training-triggers/{made['id']}"
    assert (made["promote"], made["paused"], made["last_run"]) == ("never", False, None)
    due = datetime.fromisoformat(made["next_at"])
    assert due > datetime.now(UTC)
    place = answer.headers["Location"]
    assert client.post(f"{place}/pause").json()["paused"] is True
    with ledger.owner.transaction() as session:
        missed = datetime(2026, 3, 1, tzinfo=UTC)
        session.execute(update(TrainingTrigger).values(next_at=missed, last_error="It failed."))
    resumed = client.post(f"{place}/resume").json()
    assert (resumed["paused"], resumed["last_error"]) == (False, None)
    # What passed while it was paused is not made up for.
    assert datetime.fromisoformat(resumed["next_at"]) >= due
    other = client.post("/v1/training-triggers", json=ASKED | {"new_reviews": 20}).json()
    assert (other["new_reviews"], other["next_at"]) == (20, None)
    page = client.get("/v1/training-triggers", params={"limit": 1}).json()
    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([other["id"]], True)
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"schedule": "0 2 * * 0"}, "invalid_request", "body"),
        ({"time_zone": "UTC", "new_reviews": 3}, "invalid_request", "body"),
        (WEEKLY | {"new_reviews": 3}, "invalid_request", "body"),
        ({}, "invalid_request", "body"),
        (WEEKLY | {"schedule": "0 2 * *"}, "invalid_schedule", "schedule"),
        (WEEKLY | {"schedule": "0 0 2 * * 0"}, "invalid_schedule", "schedule"),
        (WEEKLY | {"schedule": "0 25 * * 0"}, "invalid_schedule", "schedule"),
        (WEEKLY | {"schedule": "0 2 30 2 *"}, "invalid_schedule", "schedule"),
        (WEEKLY | {"time_zone": "Europe"}, "invalid_time_zone", "time_zone"),
        (WEEKLY | {"time_zone": "../passwd"}, "invalid_time_zone", "time_zone"),
        (WEEKLY | {"note_type": "nothing"}, "unknown_note_type", "note_type"),
        (WEEKLY | {"dataset": "nothing"}, "unknown_dataset", "dataset"),
        (WEEKLY | {"base_model": "nothing"}, "unknown_base", "base_model"),
        (WEEKLY | {"base_model": None}, "no_base", "base_model"),
    ],
)
def test_what_would_fail_each_time_is_refused_now(
    client: TestClient, asked: dict[str, Any], code: str, param: str
) -> None:
    answer = client.post("/v1/training-triggers", json=ASKED | asked)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code), answer.text
    assert problem["param"] == param


def test_to_promote_by_itself_wants_the_scope_to_promote(
    client: TestClient, ledger: Ledger
) -> None:
    asked = ASKED | {"new_reviews": 3, "promote": "if_gate_passes"}
    refused = client.post("/v1/training-triggers", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    key = ledger.new_key(ledger.tenant, "training:write", "models:promote")
    allowed = client.post(
        "/v1/training-triggers", json=asked, headers={"Authorization": f"Bearer {key}"}
    )
    assert (allowed.status_code, allowed.json()["promote"]) == (201, "if_gate_passes")


def test_the_default_base_is_imported_now_and_not_when_it_is_due(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPICRISIS_BASE_MODEL", "packaged:smollm2")
    asked = ASKED | WEEKLY | {"base_model": None}
    made = client.post("/v1/training-triggers", json=asked).json()
    assert made["base_model"] == "packaged:smollm2"
    assert client.get("/v1/bases/packaged:smollm2").json()["status"] == "queued"
