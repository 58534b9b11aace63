"""The command against the real API, without a network between them."""

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from services.client.cli.main import run
from shared.storage import Storage
from tests.factories.registry import add_dataset_version, add_evaluation, add_model_version
from tests.fixtures.ledger import Ledger

Command = Callable[..., tuple[int, str, str]]
WORSE = {
    "rougeL": (2.0, 0.5, 3.5),
    "support": (-0.2, -0.3, -0.1),
    "numbers": (0.0, 0.0, 0.0),
    "entities": (0.0, 0.0, 0.0),
}


@pytest.fixture
def epicrisis(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
    monkeypatch.setenv("EPICRISIS_API_KEY", ledger.new_key())
    monkeypatch.setenv("COLUMNS", "200")
    with TestClient(create_app(ledger.api, ledger.vault)) as api:

        def forward(request: httpx2.Request) -> httpx2.Response:
            answer = api.request(
                request.method,
                request.url.raw_path.decode(),
                content=request.read(),
                headers=dict(request.headers),
            )
            capsys.readouterr()  # The API's log is not the command's output.
            return httpx2.Response(
                answer.status_code, content=answer.content, headers=dict(answer.headers)
            )

        def command(*arguments: str | Path) -> tuple[int, str, str]:
            given = ["models", *map(str, arguments)]
            code = run(given, transport=httpx2.MockTransport(forward))
            return code, *capsys.readouterr()

        yield command


@pytest.fixture
def dataset(ledger: Ledger) -> UUID:
    dataset = add_dataset_version(ledger)
    for number in (1, 2):
        add_model_version(ledger, number, dataset)
    return dataset


def shown(epicrisis: Command, *arguments: str | Path) -> Any:  # noqa: ANN401 - any JSON
    code, out, _ = epicrisis(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


def promote(epicrisis: Command, number: int) -> None:
    answer = shown(epicrisis, "promote", "visit", str(number), "--reason", "tried", "--override")
    assert answer["version"] == f"models:/visit/{number}"


@pytest.mark.usefixtures("dataset")
def test_versions_go_into_production_and_back(epicrisis: Command) -> None:
    for number in (1, 2):
        promote(epicrisis, number)
    code, out, _ = epicrisis("list")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("visit")]
    assert "models:/visit/2" in line
    _, out, _ = epicrisis("rollback", "visit", "--reason", "worse")
    assert out == "visit is served by models:/visit/1, before it models:/visit/2.\n"
    [(_, first), (_, second)] = [
        (one["number"], one["in_production"]) for one in shown(epicrisis, "list", "visit")["data"]
    ]
    assert (first, second) == (False, True)
    assert shown(epicrisis, "demote", "visit")["version"] is None
    lines = shown(epicrisis, "history", "visit")["data"]
    assert [one["action"] for one in lines] == ["demote", "rollback", "promote", "promote"]
    then = lines[2]["at"]
    assert shown(epicrisis, "history", "visit", "--at", then)["version"] == "models:/visit/2"
    _, out, _ = epicrisis("history", "visit")
    assert ("overridden" in out, "worse" in out) == (True, True)
    _, out, _ = epicrisis("history", "visit", "--at", "2001-01-01")
    assert out == "the prompt\n"


def test_a_gate_that_is_not_passed_is_shown_with_what_to_do(
    epicrisis: Command, ledger: Ledger, dataset: UUID
) -> None:
    asked = ("promote", "visit", "1", "--reason", "better")
    code, _, err = epicrisis(*asked)
    assert code == 1
    assert "→ Compare it with what is in production now: epicrisis compare visit" in err
    add_evaluation(ledger, 1, dataset, WORSE)
    code, out, err = epicrisis(*asked)
    assert (code, out) == (1, "")
    assert "✗" in err
    assert "-0.3 to -0.1" in err
    code, out, _ = epicrisis(*asked, "--json")
    error = json.loads(out)["error"]
    assert (code, error["code"], error["gate"]["passed"]) == (1, "gate_not_passed", False)


@pytest.mark.usefixtures("dataset")
def test_a_version_is_shown_and_withdrawn(epicrisis: Command) -> None:
    promote(epicrisis, 1)
    _, out, _ = epicrisis("show", "visit", "1")
    assert "LlamaForCausalLM" in out
    _, out, _ = epicrisis("show", "visit", "1", "--card")
    assert out.startswith("---\nlicense:")
    code, out, _ = epicrisis("withdraw", "visit", "1", "--reason", "it invents", "--redo")
    assert code == 0
    assert "visit is served by the prompt, before it models:/visit/1." in out
    _, out, _ = epicrisis("show", "visit", "1")
    assert "Withdrawn: it invents" in out
    assert epicrisis("promote", "visit", "1", "--reason", "again", "--override")[0] == 1


def test_an_export_is_checked_and_whole_or_not_there(
    epicrisis: Command,
    ledger: Ledger,
    dataset: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, into = tmp_path / "source", tmp_path / "new" / "visit-3"
    source.mkdir()
    weights = struct.pack("<Q", 2) + b"{}" + b"w" * 3_000_000
    (source / "model.safetensors").write_bytes(weights)
    store = tmp_path / "store"
    add_model_version(ledger, 3, dataset, artifact=Storage(str(store)).publish(source).digest)
    monkeypatch.setenv("EPICRISIS_ARTIFACTS_URL", str(store))
    told = shown(epicrisis, "export", "visit", "3", into)
    assert [file["name"] for file in told["files"]] == ["model.safetensors"]
    assert (into / "model.safetensors").read_bytes() == weights
    names = {path.name for path in into.iterdir()}
    assert names == {"model.safetensors", "manifest.json", "README.md"}
    assert into.stat().st_mode & 0o077 == 0
    assert epicrisis("export", "visit", "3", into)[0] == 1
    assert [path.name for path in into.parent.iterdir()] == ["visit-3"]
