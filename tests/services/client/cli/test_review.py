"""Reviewing and explaining by command, against the real API, without a network between them."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from services.api.main import create_app
from services.client.cli.main import run
from services.client.http import Epicrisis
from tests.fixtures.ledger import Ledger

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def transport(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[httpx2.MockTransport]:
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

        yield httpx2.MockTransport(forward)


@pytest.fixture
def epicrisis(transport: httpx2.MockTransport, capsys: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: str | Path) -> tuple[int, str]:
        code = run([*map(str, arguments)], transport=transport)
        return code, capsys.readouterr().out

    return command


def shown(epicrisis: Command, *arguments: str | Path) -> Any:  # noqa: ANN401 - any JSON
    code, out = epicrisis(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


@pytest.fixture
def summary(ledger: Ledger) -> str:
    batch = ledger.submit("PLAN:\nAspirin daily.")
    ledger.complete(*ledger.claim(), words="Aspirin.")
    [line] = ledger.results(batch)
    assert line.summary is not None
    return line.summary.id


def test_next_shows_the_summary_beside_its_source(epicrisis: Command, summary: str) -> None:
    code, out = epicrisis("review", "next")
    assert code == 0
    assert summary in out
    assert "Aspirin daily." in out
    assert epicrisis("review", "next") == (0, "")
    assert shown(epicrisis, "review", "next")["summary"] is None


def test_each_verdict_is_sent_and_the_reviews_are_shown(
    epicrisis: Command, summary: str, tmp_path: Path
) -> None:
    assert shown(epicrisis, "review", summary)["data"] == []
    assert shown(epicrisis, "review", summary, "accept")["verdict"] == "accepted"
    better = tmp_path / "better.txt"
    better.write_text("Aspirin every day.\n")
    edited = shown(epicrisis, "review", summary, "edit", "--text-file", better)
    assert (edited["verdict"], edited["text"]) == ("edited", "Aspirin every day.")
    assert "rejected" in epicrisis("review", summary, "reject")[1]
    found = shown(epicrisis, "review", summary)["data"]
    assert [one["verdict"] for one in found] == ["rejected", "edited", "accepted"]
    assert "Aspirin every day." in epicrisis("review", summary)[1]


def test_an_edit_is_read_from_stdin_or_made_in_the_editor(
    epicrisis: Command, summary: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("From a pipe.\n"))
    edited = shown(epicrisis, "review", summary, "edit", "--text-file", "-")
    assert edited["text"] == "From a pipe."
    assert epicrisis("review", summary, "edit")[0] == 2
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys\nfile = pathlib.Path(sys.argv[1])\n"
        "file.write_text(file.read_text().replace('Aspirin', 'Warfarin'))\n"
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    assert shown(epicrisis, "review", summary, "edit")["text"] == "Warfarin."
    monkeypatch.setenv("VISUAL", "true")
    assert epicrisis("review", summary, "edit")[0] == 1
    assert len(shown(epicrisis, "review", summary)["data"]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("next", "accept"),
        ("sum_1", "accept", "--text-file", "x"),
        ("sum_1", "accept", "--select", "random"),
        ("sum_1", "praise"),
    ],
)
def test_what_makes_no_sense_is_a_mistake_of_usage(
    epicrisis: Command, arguments: tuple[str, ...]
) -> None:
    assert epicrisis("review", *arguments)[0] == 2


def test_explain_tells_a_person_and_a_program(epicrisis: Command, summary: str) -> None:
    explained = shown(epicrisis, "explain", summary)
    assert [step["route"] for step in explained["steps"]] == ["extractive"]
    code, out = epicrisis("explain", summary)
    assert code == 0
    for said in (summary, "no prompt model", "PLAN", "drop: other document"):
        assert said in out


def test_the_client_goes_through_all_pages(
    transport: httpx2.MockTransport, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.client.reviews._PAGE", 2)
    ledger.submit(*(f"note {number}" for number in range(5)))
    ledger.complete(*ledger.claim())
    with Epicrisis(transport=transport) as client:
        found = list(client.summaries(note_type="general"))
        assert len({one.id for one in found}) == 5
        assert list(client.summaries(since=found[0].created_at.replace(year=2999))) == []
