"""A request may name the route, the model or the prompt, at every door."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from tests.fixtures.ledger import Ledger

GENERAL = "prompts:/general/1"


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    app = create_app(ledger.api, ledger.vault)
    with TestClient(app, headers={"Authorization": f"Bearer {ledger.new_key()}"}) as client:
        yield client


def send(client: TestClient, door: str, **asked: str) -> Any:  # noqa: ANN401 - any answer
    match door:
        case "query":
            plain = {"Content-Type": "text/plain"}
            return client.post("/v1/batches", content=b"A note.", params=asked, headers=plain)
        case "members":
            return client.post("/v1/batches", json={"documents": [{"text": "A note."}], **asked})
        case "fields":
            files = {"file": ("note.txt", b"A note.", "text/plain")}
            return client.post("/v1/batches", data=asked, files=files)
        case _:
            return client.post("/v1/summaries", json={"text": "A note.", **asked})


DOORS = pytest.mark.parametrize("door", ["query", "members", "fields", "summary"])


@DOORS
@pytest.mark.parametrize("asked", [{"prompt_version": GENERAL}, {"route": "extractive"}])
def test_what_is_asked_for_reaches_the_worker(
    client: TestClient, ledger: Ledger, door: str, asked: dict[str, str]
) -> None:
    answer = send(client, door, **asked)
    assert answer.status_code == 202, answer.text
    (claim,) = ledger.claim()
    assert (claim.asked_route, claim.asked_prompt_version) == (
        asked.get("route"),
        asked.get("prompt_version"),
    )


@DOORS
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"prompt_version": "prompts:/general/9"}, "unknown_prompt_version"),
        ({"model_version": "models:/visit/1"}, "unknown_model_version"),
        ({"prompt_version": GENERAL, "route": "extractive"}, "conflicting_parameters"),
    ],
)
def test_what_is_not_there_is_told_at_once(
    client: TestClient, ledger: Ledger, door: str, asked: dict[str, str], code: str
) -> None:
    answer = send(client, door, **asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    if code == "unknown_prompt_version":
        assert GENERAL in answer.json()["how_to_fix"]
    assert ledger.claim() == []


@DOORS
@pytest.mark.parametrize("asked", [{"route": "Quillfeather"}, {"prompt_version": "Quillfeather"}])
def test_what_is_no_name_is_refused_and_not_repeated(
    client: TestClient, door: str, asked: dict[str, str]
) -> None:
    answer = send(client, door, **asked)
    assert answer.status_code == 422
    assert "Quillfeather" not in answer.text
