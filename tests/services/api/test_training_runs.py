import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, update

from services.api.main import create_app
from shared.ids import parse_id
from shared.tables import TrainingEvent, TrainingPoint, TrainingRun
from tests.factories.training import ready_base, ready_dataset
from tests.fixtures.ledger import Ledger

ASKED = {"note_type": "visit", "dataset": "visits", "base_model": "tiny"}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    ready_dataset(ledger)
    ready_base(ledger)
    with TestClient(create_app(ledger.api, ledger.vault)) as client:
        key = ledger.new_key(ledger.tenant, "training:read", "training:write")
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def start(client: TestClient, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    answer = client.post("/v1/training-runs", json={**ASKED, **more})
    assert answer.status_code == 202, answer.text
    run: dict[str, Any] = answer.json()
    return run


def set_run(ledger: Ledger, run: str, **columns: object) -> UUID:
    """What its worker would write."""
    row = parse_id("run", run)
    with ledger.owner.transaction() as session:
        session.execute(update(TrainingRun).where(TrainingRun.id == row).values(**columns))
    return row


def training(done: int = 30, total: int = 120) -> dict[str, object]:
    now = datetime.now(UTC)
    prepared = {"name": "prepare", "status": "succeeded", "began_at": now.isoformat()}
    return {
        "status": "running",
        "lease_expires_at": now + timedelta(minutes=1),
        "steps": [prepared],
        "step": "train",
        "done": done,
        "total": total,
        "step_began_at": now,
        "started_at": now,
    }


def add_points(ledger: Ledger, run: UUID, *measured: dict[str, float]) -> None:
    with ledger.owner.transaction() as session:
        session.execute(
            insert(TrainingPoint),
            [
                {
                    "run_id": run,
                    "tenant_id": ledger.tenant,
                    "step": 10 * place,
                    "epoch": place / 4,
                    "measured": values,
                }
                for place, values in enumerate(measured, start=1)
            ],
        )


def test_a_run_waits_with_what_it_was_asked_for(client: TestClient) -> None:
    answer = client.post(
        "/v1/training-runs",
        json={**ASKED, "method": "full", "hyperparameters": {"learning_rate": 0.001}, "seed": 7},
    )
    run = answer.json()
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "2")
    assert answer.headers["Location"] == f"/v1/training-runs/{run['id']}"
    assert (run["status"], run["dataset"], run["base_model"]) == ("queued", "visits@1", "tiny")
    assert (run["method"], run["seed"]) == ("full", 7)
    assert run["hyperparameters"] == {"learning_rate": 0.001}
    assert [step["status"] for step in run["steps"]] == ["waiting"] * 4
    assert (run["percentage_done"], run["estimated_completion_at"]) == (0.0, None)
    assert client.get(answer.headers["Location"]).json() == run
    other = start(client)
    first = client.get("/v1/training-runs", params={"limit": 1}).json()
    assert ([one["id"] for one in first["data"]], first["has_more"]) == ([other["id"]], True)
    rest = client.get("/v1/training-runs", params={"after": other["id"]}).json()
    assert [one["id"] for one in rest["data"]] == [run["id"]]
    none = client.get("/v1/training-runs", params={"note_type": "discharge"}).json()
    assert none["data"] == []


@pytest.mark.parametrize(
    ("asked", "status", "code", "param"),
    [
        ({"method": "distill"}, 422, "invalid_request", "method"),
        ({"method": "tune"}, 422, "invalid_request", "method"),
        ({"teacher": "models:/visit/1"}, 422, "invalid_request", "teacher"),
        ({"search": {}}, 422, "invalid_request", "search"),
        (
            {"hyperparameters": {"learning_rat": 1}},
            422,
            "invalid_request",
            "hyperparameters.learning_rat",
        ),
        (
            {"hyperparameters": {"learning_rate": -1}},
            422,
            "invalid_request",
            "hyperparameters.learning_rate",
        ),
        ({"base_model": "unknown"}, 422, "unknown_base", "base_model"),
        ({"note_type": "nothing"}, 422, "unknown_note_type", "note_type"),
        ({"dataset": "nothing"}, 404, "not_found", None),
        ({"dataset": "visits@9"}, 404, "not_found", None),
    ],
)
def test_what_can_be_seen_to_fail_is_refused(
    client: TestClient, asked: dict[str, Any], status: int, code: str, param: str | None
) -> None:
    answer = client.post("/v1/training-runs", json={**ASKED, **asked})
    problem = answer.json()
    found = answer.status_code, problem["code"], problem.get("param")
    assert found == (status, code, param), answer.text
    assert client.get("/v1/training-runs").json()["data"] == []


def test_progress_is_over_all_steps_and_the_end_at_the_pace_of_the_points(
    client: TestClient, ledger: Ledger
) -> None:
    run = start(client)["id"]
    row = set_run(ledger, run, **training())
    # Resumed once: the seconds of the first attempt say nothing about this one's pace.
    add_points(
        ledger,
        row,
        *({"train_loss": 3.0 - place / 10, "seconds": 900.0 + place} for place in range(2)),
        *({"train_loss": 2.0 - place / 10, "seconds": 20.0 * place} for place in range(1, 3)),
    )
    before = datetime.now(UTC)
    answer = client.get(f"/v1/training-runs/{run}")
    shown = answer.json()
    assert answer.headers["Retry-After"] == "2"
    assert [step["status"] for step in shown["steps"]] == [
        "succeeded",
        "running",
        "waiting",
        "waiting",
    ]
    assert shown["percentage_done"] == 26.0
    until = datetime.fromisoformat(shown["estimated_completion_at"])
    # 90 steps of 2 s, and what comes after takes 8/88 of the 240 s of training.
    assert abs((until - before).total_seconds() - (180 + 240 * 8 / 88)) < 5
    page = client.get(f"/v1/training-runs/{run}/metrics", params={"limit": 3}).json()
    assert ([one["step"] for one in page["data"]], page["has_more"]) == ([10, 20, 30], True)
    rest = client.get(f"/v1/training-runs/{run}/metrics", params={"after": 30}).json()
    assert rest["data"] == [
        {"step": 40, "epoch": 1.0, "values": {"train_loss": 1.8, "seconds": 40.0}}
    ]


def test_events_are_continued_where_the_last_look_ended(client: TestClient, ledger: Ledger) -> None:
    run = start(client)["id"]
    with ledger.owner.transaction() as session:
        session.execute(
            insert(TrainingEvent),
            [
                {
                    "run_id": parse_id("run", run),
                    "tenant_id": ledger.tenant,
                    "level": "info",
                    "code": code,
                    "message": "Something happened.",
                }
                for code in ("began", "halved", "ended")
            ],
        )
    answer = client.get(f"/v1/training-runs/{run}/events")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["code"] for line in lines] == ["began", "halved", "ended"]
    rest = client.get(f"/v1/training-runs/{run}/events", params={"after": lines[1]["seq"]})
    assert [json.loads(line)["code"] for line in rest.text.splitlines()] == ["ended"]


def test_a_run_is_paused_resumed_and_cancelled(client: TestClient) -> None:
    run = start(client)["id"]

    def ask(verb: str) -> tuple[int, str]:
        answer = client.post(f"/v1/training-runs/{run}/{verb}")
        shown = answer.json()
        return answer.status_code, shown.get("code") or shown["status"]

    assert ask("pause") == (200, "paused")
    assert ask("resume") == (200, "queued")
    assert ask("cancel") == (200, "cancelled")
    assert ask("resume") == (409, "run_not_paused")
    assert "Retry-After" not in client.get(f"/v1/training-runs/{run}").headers


def test_the_report_draws_the_curves_and_marks_the_best_step(
    client: TestClient, ledger: Ledger
) -> None:
    run = start(client)["id"]
    empty = client.get(f"/v1/training-runs/{run}/report")
    assert (empty.status_code, "<svg" in empty.text) == (200, False)
    diagnosis = {"verdict": "healthy", "summary": "It <learned>.", "findings": ["From 3 to 2."]}
    row = set_run(
        ledger,
        run,
        status="succeeded",
        best_step=20,
        diagnosis=diagnosis,
        resolved={"learning_rate": 0.0005, "early_stopping": {"patience": 3}},
    )
    add_points(
        ledger,
        row,
        {"train_loss": 3.0, "validation_loss": 2.9, "rougeL": 12.0, "learning_rate": 1e-4},
        {"train_loss": 2.0, "validation_loss": 2.2, "rougeL": 21.5, "learning_rate": 5e-5},
    )
    page = client.get(f"/v1/training-runs/{run}/report").text
    assert page.count("<svg") == 3
    assert page.count("best: step 20") == 3
    assert "It &lt;learned&gt;." in page
    assert "validation: 2.9 at step 10, 2.2 at step 20" in page
    assert "<td>0.0005</td>" in page
    assert "<script" not in page


def test_to_look_is_not_to_change(client: TestClient, ledger: Ledger) -> None:
    run = start(client)["id"]
    reader = {"Authorization": f"Bearer {ledger.new_key(ledger.tenant, 'training:read')}"}
    assert client.get(f"/v1/training-runs/{run}", headers=reader).status_code == 200
    for path in ("/v1/training-runs", f"/v1/training-runs/{run}/cancel", "/v1/bases"):
        assert client.post(path, json={}, headers=reader).status_code == 403
