"""`epicrisis prompts` against the real API, without a network between them."""

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

Command = Callable[..., tuple[int, str, str]]


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
            given = ["prompts", *map(str, arguments)]
            code = run(given, transport=httpx2.MockTransport(forward))
            return code, *capsys.readouterr()

        yield command


def shown(epicrisis: Command, *arguments: str | Path) -> Any:  # noqa: ANN401 - any JSON
    code, out, _ = epicrisis(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


@pytest.fixture
def edited(epicrisis: Command, tmp_path: Path) -> Path:
    """The shipped prompt of visit notes as a file, with another ending."""
    code, out, _ = epicrisis("show", "visit", "--file")
    assert code == 0
    file = tmp_path / "visit.toml"
    file.write_text(out.replace("max_output_tokens = 80", "max_output_tokens = 40"), "utf-8")
    return file


def test_a_prompt_is_edited_added_compared_by_eye_and_promoted(
    epicrisis: Command, edited: Path
) -> None:
    code, out, _ = epicrisis("add", "visit", edited, "-m", "shorter")
    assert code == 0
    assert "prompts:/visit/2" in out
    assert "epicrisis prompts try visit --version 2" in out
    code, out, _ = epicrisis("diff", "visit", "1", "2")
    assert "max_output_tokens" in out
    assert "+40" in out
    promoted = shown(epicrisis, "promote", "visit", "2", "--reason", "tried", "--override")
    assert (promoted["version"], promoted["gate"]["passed"]) == ("prompts:/visit/2", False)
    _, out, _ = epicrisis("list", "visit")
    assert "shorter" in out
    _, out, _ = epicrisis("rollback", "visit")
    assert "is served by the prompt that it came with, before it prompts:/visit/2" in out
    assert [line["action"] for line in shown(epicrisis, "history", "visit")["data"]] == [
        "rollback",
        "promote",
    ]


def test_promotion_without_an_evaluation_says_how_to_compare(
    epicrisis: Command, edited: Path
) -> None:
    epicrisis("add", "visit", edited)
    code, _, err = epicrisis("promote", "visit", "2", "--reason", "mine")
    assert code == 1
    assert "epicrisis prompts compare visit 2" in err


def test_the_note_types_are_listed_with_what_serves_them(epicrisis: Command) -> None:
    code, out, _ = epicrisis("list")
    assert code == 0
    assert "prompts:/discharge/1" in out


def test_a_template_that_may_not_be_is_refused_with_its_place(
    epicrisis: Command, edited: Path
) -> None:
    edited.write_text("user = 'Summarize {{ nothing }}'")
    code, _, err = epicrisis("add", "visit", edited)
    assert code == 1
    assert "variable" in err
    edited.write_text("temperature = 1\nuser = '{{ note }}'")
    assert epicrisis("add", "visit", edited)[0] == 2


def test_a_split_is_started_shown_and_stopped(epicrisis: Command, edited: Path) -> None:
    epicrisis("add", "visit", edited)
    assert epicrisis("split", "visit", "1=80", "2=20")[0] == 2
    assert epicrisis("split", "visit", "1=80", "half", "--reason", "x")[0] == 2
    code, out, _ = epicrisis("split", "visit", "1=80", "2=20", "--reason", "which")
    assert code == 0
    assert "is running" in out
    assert shown(epicrisis, "split", "visit")["status"] == "running"
    _, out, _ = epicrisis("split", "visit", "--stop", "--reason", "enough")
    assert "enough" in out


def test_trying_without_a_worker_says_where_the_summary_will_be(
    epicrisis: Command, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Cough for 3 days.")
    code, _, err = epicrisis("try", "visit", note, "--wait", "1")
    assert code == 0
    assert "epicrisis results batch_" in err
