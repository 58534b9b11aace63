import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console

from services.client.cli.main import run
from services.client.cli.result_view import result_panel
from shared.schemas.batches import ResultLine
from tests.services.client.fake_api import FakeApi, make_batch, make_result, problem

BATCH = make_batch()["id"]


class Command:
    """Runs the command against the API in memory; `out` and `err` are of the last run."""

    def __init__(self, api: FakeApi, capture: pytest.CaptureFixture[str]) -> None:
        self.api = api
        self.capture = capture

    def __call__(self, *arguments: str | Path) -> int:
        code = run([str(each) for each in arguments], transport=httpx2.MockTransport(self.api))
        self.out, self.err = self.capture.readouterr()
        return code

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.out)


@pytest.fixture
def epicrisis(
    api: FakeApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
    monkeypatch.setenv("EPICRISIS_API_KEY", "epk_a_b")
    monkeypatch.setenv("COLUMNS", "200")
    return Command(api, capsys)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text("Chest pain for two days.")
    return folder


def test_submit_tells_batches_and_what_to_do_next(epicrisis: Command, notes: Path) -> None:
    assert epicrisis("submit", notes, "--note-type", "visit") == 0
    assert epicrisis.api.requests[-1].url.params["note_type"] == "visit"
    assert f"epicrisis status {BATCH} --watch" in epicrisis.out


def test_what_was_sent_before_is_said_to_be(epicrisis: Command, notes: Path) -> None:
    assert epicrisis("submit", notes) == 0
    assert "Sent before" not in epicrisis.err
    assert epicrisis("submit", notes) == 0
    assert "Sent before" in epicrisis.err


def test_submit_may_name_the_way(epicrisis: Command, notes: Path) -> None:
    asked = ("--prompt-version", "prompts:/visit/1", "--fallback", "prompt")
    assert epicrisis("submit", notes, *asked) == 0
    sent = next(each for each in epicrisis.api.requests if each.method == "POST")
    assert sent.url.params["prompt_version"] == "prompts:/visit/1"
    assert "route" not in sent.url.params
    assert epicrisis("submit", notes, *asked, "--route", "extractive") == 2


@pytest.mark.parametrize(
    ("reject_each", "extra", "code"), [(0, None, 0), (2, None, 4), (1, None, 3), (0, "a.gif", 4)]
)
def test_waiting_ends_with_the_outcome(
    epicrisis: Command, notes: Path, reject_each: int, extra: str | None, code: int
) -> None:
    epicrisis.api.reject_each = reject_each
    if extra:
        (notes / extra).write_bytes(b"%PDF")
    assert epicrisis("submit", notes, "--wait", "--json") == code
    told = epicrisis.json()
    assert told["request_counts"]["total"] == 2
    assert [each["name"] for each in told["skipped"]] == ([extra] if extra else [])


def test_nothing_accepted_is_a_failure(epicrisis: Command, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    assert epicrisis("submit", tmp_path / "a.json", "--json") == 3
    assert epicrisis.json()["refused"][0]["error"]["code"] == "documents_missing"


def test_a_folder_for_results_is_missed_before_the_work(epicrisis: Command, notes: Path) -> None:
    assert epicrisis("submit", notes, "-o", notes / "no" / "out.ndjson") == 2
    assert not epicrisis.api.requests


def test_standard_input_is_a_dash(
    epicrisis: Command, monkeypatch: pytest.MonkeyPatch, notes: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Chest pain.")))
    assert epicrisis("submit", "-") == 0
    assert json.loads(epicrisis.api.bodies[0])["text"] == "Chest pain."
    assert epicrisis("submit", "-", notes) == 2


def test_results_of_a_submission_go_into_a_private_file(
    epicrisis: Command, notes: Path, tmp_path: Path
) -> None:
    epicrisis.api.results = [make_result(1), make_result(2)]
    target = tmp_path / "out.ndjson"
    assert epicrisis("submit", notes, "-o", target) == 0
    assert [json.loads(line)["seq"] for line in target.read_text().splitlines()] == [1, 2]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["submit", "nowhere.ndjson"], 2),
        (["submit"], 2),
        (["nonsense"], 2),
        (["keys", "create", "--scope", "everything"], 2),
        (["tenants", "create", "Not A Name"], 2),
        (["status", "batch_none"], 1),
    ],
)
def test_every_error_is_one_json_object(
    epicrisis: Command, arguments: list[str], code: int
) -> None:
    assert epicrisis(*arguments, "--json") == code
    assert set(epicrisis.json()["error"]) >= {"code", "message", "how_to_fix"}
    assert epicrisis(*arguments) == code
    assert not epicrisis.out
    assert epicrisis.err.startswith("Error: ")


def test_no_server_says_how_to_start_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    monkeypatch.setenv("EPICRISIS_API_KEY", "epk_a_b")
    assert run(["status", BATCH], transport=httpx2.MockTransport(refuse)) == 1
    assert "epicrisis up" in capsys.readouterr().err


def test_no_key_says_where_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batches", "list"]) == 1
    assert "epicrisis keys create" in capsys.readouterr().err


def test_a_watched_batch_gives_its_outcome(epicrisis: Command) -> None:
    epicrisis.api.batches["k"] = make_batch(total=2, completed=1, failed=1)
    assert epicrisis("status", BATCH) == 0
    assert epicrisis("status", BATCH, "--watch", "--json") == 4
    assert epicrisis.json()["id"] == BATCH


def test_a_terminal_gets_a_bar(epicrisis: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    epicrisis.api.batches["k"] = make_batch(total=2, completed=1, rejected=1)
    assert epicrisis("status", BATCH, "--watch", "--json") == 4
    assert "2 of 2 documents" in epicrisis.err
    assert "1 rejected" in epicrisis.err
    assert epicrisis.json()["status"] == "completed"


def test_attention_is_shown(epicrisis: Command) -> None:
    since = make_batch()["created_at"]
    attention = {"code": "model_unavailable", "detail": "The GPU is sick.", "since": since}
    epicrisis.api.batches["k"] = make_batch(total=1, queued=1) | {"attention": attention}
    assert epicrisis("status", BATCH) == 0
    assert "The GPU is sick. (model_unavailable)" in epicrisis.out


def test_results_to_a_pipe_are_lines(epicrisis: Command) -> None:
    epicrisis.api.results = [make_result(1), make_result(2, status="rejected")]
    assert epicrisis("results", BATCH) == 0
    lines = [json.loads(line) for line in epicrisis.out.splitlines()]
    assert [line["status"] for line in lines] == ["succeeded", "rejected"]
    assert lines[0]["summary"]["text"] == "Stable."


def test_an_interrupted_download_is_continued(epicrisis: Command, tmp_path: Path) -> None:
    target = tmp_path / "out.ndjson"
    epicrisis.api.results = [make_result(seq, text="word " * 20_000) for seq in (1, 2)]
    assert epicrisis("results", BATCH, "-o", target) == 0
    whole = target.read_bytes()
    with target.open("r+b") as file:
        file.truncate(len(whole) - 100)
    epicrisis.api.results.append(make_result(3))
    assert epicrisis("results", BATCH, "-o", target, "--json") == 0
    assert epicrisis.json()["lines"] == 2
    assert target.read_bytes().startswith(whole)
    assert [json.loads(line)["seq"] for line in target.read_text().splitlines()] == [1, 2, 3]


def test_a_file_of_something_else_is_left_alone(epicrisis: Command, tmp_path: Path) -> None:
    target = tmp_path / "out.ndjson"
    other = make_result(1) | {"document_id": "doc_other"}
    for content in (json.dumps(other) + "\n", "a letter\n", "a letter"):
        target.write_text(content)
        epicrisis.api.results = [make_result(1), make_result(2)]
        assert epicrisis("results", BATCH, "-o", target) == 1
        assert target.read_text() == content


def test_a_local_server_is_found_with_its_keys(
    api: FakeApi, capsys: pytest.CaptureFixture[str], tmp_path: Path, notes: Path
) -> None:
    ready = {"api_url": "http://127.0.0.1:1", "api_key": "epk_user", "admin_key": "epk_admin"}
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "ready.json").write_text(json.dumps(ready))
    epicrisis = Command(api, capsys)
    assert epicrisis("submit", notes) == 0
    assert api.requests[-1].headers["Authorization"] == "Bearer epk_user"
    epicrisis("keys", "list")
    assert api.requests[-1].headers["Authorization"] == "Bearer epk_admin"


def test_a_local_key_is_never_shown_to_another_server(
    epicrisis: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = {"api_url": "http://127.0.0.1:1", "api_key": "epk_user", "admin_key": "epk_admin"}
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "ready.json").write_text(json.dumps(ready))
    monkeypatch.delenv("EPICRISIS_API_KEY")
    assert epicrisis("batches", "list", "--json") == 1
    assert epicrisis.json()["error"]["code"] == "no_api_key"
    assert not epicrisis.api.requests


@pytest.mark.usefixtures("epicrisis")
def test_ctrl_c_while_watching_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    code = run(["status", BATCH, "--watch", "--json"], transport=httpx2.MockTransport(interrupt))
    out, err = capsys.readouterr()
    assert (code, out) == (130, "")
    assert f"epicrisis status {BATCH} --watch" in err


def test_ctrl_c_while_submitting_says_how_to_go_on(
    notes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    monkeypatch.setenv("EPICRISIS_API_KEY", "epk_a_b")
    assert run(["submit", str(notes)], transport=httpx2.MockTransport(interrupt)) == 130
    assert "Repeat the same command" in capsys.readouterr().err


def test_a_withdrawn_or_superseded_summary_is_marked_for_a_reader() -> None:
    result = make_result(1)
    result["summary"] |= {"withdrawn_at": "2026-03-01T12:00:00Z", "superseded_by": "sum_2"}
    shown = Console(width=120)
    with shown.capture() as captured:
        shown.print(result_panel(ResultLine.model_validate(result)))
    before_the_text = captured.get().partition("Stable.")[0]
    assert "withdrawn 2026-03-01 12:00" in before_the_text
    assert "superseded by sum_2" in before_the_text


def test_a_refusal_is_told_with_what_to_do(epicrisis: Command) -> None:
    refused = httpx2.MockTransport(lambda _: problem(401, "unauthenticated", "The key is bad."))
    assert run(["status", BATCH, "--json"], transport=refused) == 1
    out, err = epicrisis.capture.readouterr()
    assert json.loads(out)["error"]["request_id"] == "r1"
    assert "EPICRISIS_API_KEY" in err


def test_up_is_given_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: became.append(command))
    assert run(["up", "--home", "/srv/e", "--port", "0", "--workers", "2"]) == 0
    assert became[0][1:3] == ["-m", "services.local.supervisor"]
    assert became[0][3:] == ["--home", "/srv/e", "--port", "0", "--workers", "2"]
