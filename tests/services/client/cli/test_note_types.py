"""The command against the real API, without a network between them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from services.client.cli.main import run
from tests.fixtures.ledger import Ledger

Command = Callable[..., tuple[int, str]]


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
                content=request.content,
                headers=dict(request.headers),
            )
            capsys.readouterr()  # The API's log is not the command's output.
            return httpx2.Response(
                answer.status_code, content=answer.content, headers=dict(answer.headers)
            )

        def command(*arguments: str | Path) -> tuple[int, str]:
            given = ["note-types", *map(str, arguments)]
            code = run(given, transport=httpx2.MockTransport(forward))
            return code, capsys.readouterr().out

        yield command


def shown(epicrisis: Command, *arguments: str | Path) -> Any:  # noqa: ANN401 - any JSON
    code, out = epicrisis(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


def test_options_make_a_note_type(epicrisis: Command) -> None:
    made = shown(
        epicrisis,
        *("set", "sonogram", "--code", "http://loinc.org|18760-9", "--code", "urn:x|A|B"),
        *("--sentences", "2-5", "--section", "Impression", "--language", "de", "--language", "en"),
        *("--style", "list", "--prompt", "prompts:/general/1"),
        *("--policy", "negation_mismatch=drop", "--policy", "side_mismatch=step_down"),
    )
    assert made["codes"] == [
        {"system": "http://loinc.org", "code": "18760-9"},
        {"system": "urn:x|A", "code": "B"},
    ]
    assert (made["length"], made["sections"]) == ({"from": 2, "to": 5}, ["Impression"])
    assert (made["languages"], made["title"]) == (["de", "en"], "Sonogram")
    assert (made["style"], made["prompt"]) == ("list", "prompts:/general/1")
    assert made["policy"]["negation_mismatch"] == "drop"
    told = epicrisis("show", "sonogram")[1]
    assert "step down  side_mismatch" in told
    assert "negation_mismatch, " in told
    assert shown(epicrisis, "show", "sonogram") == made
    assert shown(epicrisis, "list")["data"][-1] == made
    assert "sonogram (tenant)" in epicrisis("show", "sonogram")[1]
    assert "2-5" in epicrisis("list")[1].splitlines()[-1]


def test_a_file_does_too_and_options_come_before_it(epicrisis: Command, tmp_path: Path) -> None:
    file = tmp_path / "visit.json"
    file.write_text(json.dumps({"title": "Consulta", "length": {"from": 1, "to": 3}}))
    made = shown(epicrisis, "set", "visit", "--file", file, "--sentences", "4")
    assert (made["title"], made["length"]) == ("Consulta", {"from": 4, "to": 4})
    assert shown(epicrisis, "delete", "visit")["deleted"]
    assert shown(epicrisis, "show", "visit")["source"] == "shipped"


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", "visit"],
        ["set", "visit", "--code", "18842-5"],
        ["set", "visit", "--sentences", "some"],
        ["set", "visit", "--sentences", "5-2"],
        ["set", "visit", "--language", "english"],
        ["set", "visit", "--policy", "negation_mismatch"],
        ["set", "visit", "--policy", "negation_mismatch=ignore"],
    ],
)
def test_a_mistake_in_the_command_line_is_told(epicrisis: Command, arguments: list[str]) -> None:
    code, out = epicrisis(*arguments, "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "usage")


def test_what_is_not_there_is_an_error(epicrisis: Command) -> None:
    code, out = epicrisis("show", "sonogram", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "not_found")
