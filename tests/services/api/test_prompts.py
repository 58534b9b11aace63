"""Prompts over HTTP, on a real database."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from tests.factories.training import ready_dataset
from tests.fixtures.ledger import Ledger

PROMPT = {
    "system": "Summarize the {{ title }} in {{ words }} words.",
    "user": "{{ note }}",
    "variables": {"words": "twenty"},
    "message": "shorter",
}
PAST = {"reason": "tried", "override": True}


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def post(client: TestClient, path: str, **body: object) -> Any:  # noqa: ANN401 - any JSON
    return client.post(f"/v1/prompts/visit/{path}", json=body)


def serves(client: TestClient, note_type: str = "visit") -> dict[str, Any]:
    listed = client.get("/v1/prompts").json()["data"]
    (found,) = [one for one in listed if one["note_type"] == note_type]
    return dict(found)


def test_the_shipped_prompt_is_there_from_the_first(client: TestClient) -> None:
    (shipped,) = client.get("/v1/prompts/visit/versions").json()["data"]
    assert (shipped["name"], shipped["serves"], shipped["in_production"]) == (
        "prompts:/visit/1",
        True,
        False,
    )
    assert "{{ note }}" in shipped["content"]["user"]
    assert serves(client) | {"serves": "prompts:/visit/1", "production": None} == serves(client)


def test_a_version_is_added_promoted_and_taken_back(client: TestClient) -> None:
    added = post(client, "versions", **PROMPT)
    assert added.status_code == 201
    assert (added.json()["name"], added.json()["message"]) == ("prompts:/visit/2", "shorter")
    assert added.json()["content"]["variables"] == {"title": "visit note", "words": "twenty"}
    assert serves(client)["serves"] == "prompts:/visit/1"
    assert post(client, "promote", version=2, **PAST).json()["version"] == "prompts:/visit/2"
    assert serves(client)["serves"] == "prompts:/visit/2"
    assert post(client, "promote", version=1, **PAST).json()["before"] == "prompts:/visit/2"
    assert client.post("/v1/prompts/visit/rollback").json()["version"] == "prompts:/visit/2"
    assert post(client, "demote", reason="enough").json()["version"] is None
    assert serves(client)["serves"] == "prompts:/visit/1"
    lines = client.get("/v1/prompts/visit/history").json()["data"]
    assert [line["action"] for line in lines] == ["demote", "rollback", "promote", "promote"]


def test_what_says_the_same_is_the_same_version(client: TestClient) -> None:
    numbers = [post(client, "versions", **PROMPT).json()["number"] for _ in range(2)]
    numbers.append(post(client, "versions", **PROMPT | {"retries": 1}).json()["number"])
    assert numbers == [2, 2, 3]


def test_a_withdrawn_version_serves_no_more(client: TestClient) -> None:
    post(client, "versions", **PROMPT)
    post(client, "promote", version=2, **PAST).raise_for_status()
    answer = post(client, "versions/2/withdraw", reason="it invents")
    assert (answer.json()["version"], serves(client)["serves"]) == (None, "prompts:/visit/1")
    refused = post(client, "promote", version=2, **PAST)
    assert (refused.status_code, refused.json()["code"]) == (409, "version_withdrawn")
    asked = client.post(
        "/v1/summaries", json={"text": "Cough.", "prompt_version": "prompts:/visit/2"}
    )
    assert (asked.status_code, asked.json()["code"]) == (422, "unknown_prompt_version")


def test_promotion_wants_an_evaluation(client: TestClient) -> None:
    post(client, "versions", **PROMPT)
    refused = post(client, "promote", version=2, reason="it is mine")
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "gate_not_passed")
    assert "prompts:/visit/1" in problem["detail"]
    assert "epicrisis prompts compare visit 2" in problem["how_to_fix"]


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"user": "no note"}, "user"),
        ({"user": "{{ note }} {{ patient }}"}, "user"),
        ({"user": "{{ note"}, "user"),
        ({"system": "{{ note }}"}, "system"),
        ({"system": "{% for i in range(9) %}{% endfor %}"}, "system"),
        ({"system": "{{ title * 1000000 }}"}, "system"),
        ({"system": "{{ title.__class__ }}"}, "system"),
        ({"stricter": "{{ title|center(999999) }}"}, "stricter"),
    ],
)
def test_a_template_that_may_not_be_is_refused_without_being_quoted(
    client: TestClient, members: dict[str, str], param: str
) -> None:
    refused = post(client, "versions", **PROMPT | members)
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["param"]) == (
        422,
        "invalid_template",
        param,
    )
    assert problem["how_to_fix"]
    assert "patient" not in problem["detail"]


def test_examples_want_a_dataset_that_is_ready(client: TestClient) -> None:
    examples = {"dataset": "visits@1", "count": 3}
    assert post(client, "versions", **PROMPT, examples=examples).status_code == 404


def test_examples_want_rows_that_may_be_learned_from(client: TestClient, ledger: Ledger) -> None:
    ready_dataset(ledger, splits=("test", "validation"))
    refused = post(client, "versions", **PROMPT, examples={"dataset": "visits@1", "count": 3})
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing_to_show")


def test_what_changed_between_two_versions(client: TestClient) -> None:
    post(client, "versions", **PROMPT)
    post(client, "versions", **PROMPT | {"system": "One line.", "max_output_tokens": 40})
    found = client.get("/v1/prompts/visit/diff", params={"before": 2, "after": 3}).json()
    assert [change["member"] for change in found["changes"]] == ["system", "max_output_tokens"]
    assert "+One line." in found["changes"][0]["lines"]


def test_a_note_type_of_ones_own_has_prompts_too(client: TestClient) -> None:
    client.put("/v1/note-types/allergy", json={}).raise_for_status()
    assert serves(client, "allergy")["serves"] == "prompts:/general/1"
    added = client.post("/v1/prompts/allergy/versions", json=PROMPT).json()
    assert added["name"] == "prompts:/allergy/1"
    client.post("/v1/prompts/allergy/promote", json={"version": 1, **PAST}).raise_for_status()
    assert serves(client, "allergy")["serves"] == "prompts:/allergy/1"
    assert client.get("/v1/prompts/poem/versions").status_code == 404


def test_a_split_runs_once_and_is_stopped(client: TestClient) -> None:
    post(client, "versions", **PROMPT)
    arms = [{"version": 1, "weight": 80}, {"version": 2, "weight": 20}]
    started = post(client, "split", arms=arms, reason="which is better")
    assert (started.status_code, started.json()["status"]) == (201, "running")
    assert [arm["documents"] for arm in started.json()["figures"]["arms"]] == [0, 0]
    assert serves(client)["split"] == started.json()["id"]
    again = post(client, "split", arms=arms, reason="again")
    assert (again.status_code, again.json()["code"]) == (409, "split_running")
    assert post(client, "split/stop", reason="enough").json()["status"] == "stopped"
    assert client.get("/v1/prompts/visit/split").json()["stopped_because"] == "enough"
    unknown = [{"version": 1, "weight": 1}, {"version": 9, "weight": 1}]
    assert (
        post(client, "split", arms=unknown, reason="x").json()["code"] == "unknown_prompt_version"
    )


def test_withdrawing_a_side_stops_its_split(client: TestClient) -> None:
    post(client, "versions", **PROMPT)
    arms = [{"version": 1, "weight": 1}, {"version": 2, "weight": 1}]
    post(client, "split", arms=arms, reason="which is better").raise_for_status()
    post(client, "versions/2/withdraw", reason="it invents").raise_for_status()
    assert client.get("/v1/prompts/visit/split").json()["status"] == "stopped"


def test_a_tried_document_that_waits_says_where_to_look(client: TestClient) -> None:
    answer = client.post(
        "/v1/prompts/visit/try", json={"text": "Cough."}, headers={"Prefer": "wait=0"}
    )
    assert answer.status_code == 202
    tried = answer.json()
    assert (tried["version"], tried["summary"]) == ("prompts:/visit/1", None)
    assert tried["pending"]["batch_id"].startswith("batch_")


def test_prompts_are_sealed(client: TestClient, ledger: Ledger) -> None:
    post(client, "versions", **PROMPT | {"system": "Quillfeather"})
    with ledger.owner.transaction() as session:
        rows = session.execute(text("SELECT p::text FROM prompt_versions p")).scalars().all()
    assert len(rows) == 2
    assert not any("Quillfeather" in row or b"Quillfeather".hex() in row for row in rows)
