"""The command against the real API, without a network between them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.api.main import create_app
from services.client.cli import dataset_add
from services.client.cli.main import run
from shared.datasets.queries import find_version
from shared.datasets.read import read_rows
from tests.fixtures.ledger import Ledger

Command = Callable[..., tuple[int, str, str]]
ROWS = [
    {"source": "Quillfeather has a cough.", "target": "Cough.", "patient": "p1"},
    {"source": "", "target": "Nothing."},
    {"source": "He sprained an ankle.", "target": "Sprained ankle.", "split": "dev"},
]


@pytest.fixture
def epicrisis(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
    monkeypatch.setenv("EPICRISIS_API_KEY", ledger.new_key())
    monkeypatch.setenv("COLUMNS", "200")
    with TestClient(create_app(ledger.api, ledger.vault)) as api:

        def forward(request: httpx2.Request) -> httpx2.Response:
            told = capsys.readouterr()
            answer = api.request(
                request.method,
                request.url.raw_path.decode(),
                content=request.read(),
                headers=dict(request.headers),
            )
            capsys.readouterr()  # The API's log is not the command's output.
            said.append(told.err)
            return httpx2.Response(
                answer.status_code, content=answer.content, headers=dict(answer.headers)
            )

        said: list[str] = []

        def command(*arguments: str | Path) -> tuple[int, str, str]:
            said.clear()
            given = ["datasets", *map(str, arguments)]
            code = run(given, transport=httpx2.MockTransport(forward))
            out, err = capsys.readouterr()
            return code, out, "".join(said) + err

        yield command


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def shown(epicrisis: Command, *arguments: str | Path) -> Any:  # noqa: ANN401 - any JSON
    code, out, _ = epicrisis(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


def settle(ledger: Ledger, status: str, **columns: str) -> None:
    """What the background worker would do."""
    given = "".join(f", {name} = :{name}" for name in columns)
    with ledger.owner.transaction() as session:
        session.execute(
            text(f"UPDATE dataset_versions SET status = :status{given}"),
            {"status": status, **columns},
        )


def test_files_become_a_version_that_says_what_it_is(
    epicrisis: Command, ledger: Ledger, rows: Path
) -> None:
    made = shown(
        epicrisis,
        *("add", "visits", rows, "--note-type", "visit", "--origin", "Ward 7", "--licence", "none"),
        *("--permitted-use", "training", "--no-patient-data", "--group-column", "patient"),
        "--allow-leakage",
    )
    assert (made["name"], made["status"], made["note_type"]) == ("visits@1", "queued", "visit")
    assert (made["origin"], made["permitted_use"]) == ("Ward 7", "training")
    assert made["holds_patient_data"] is False
    assert made["recipe"]["allow_leakage"] is True
    with ledger.owner.transaction() as session:
        asked = session.scalars(
            text("SELECT coalesce(asked_split, '-') FROM dataset_members ORDER BY line")
        ).all()
    assert asked == ["train", "-", "validation"]
    assert shown(epicrisis, "show", "visits")["name"] == "visits@1"
    assert shown(epicrisis, "list")["data"][0]["name"] == "visits"
    assert "Ward 7" in epicrisis("show", "visits@1")[1]
    [decision] = epicrisis("decisions", "visits@1", "--decision", "reject")[1].splitlines()
    assert json.loads(decision)["reason"] == "empty_source"
    assert epicrisis("decisions", "visits@1", "--decision", "drop")[1] == ""


def test_it_says_what_was_guessed_and_what_is_missing(
    epicrisis: Command, rows: Path, tmp_path: Path
) -> None:
    other = tmp_path / "more.jsonl"
    other.write_text(json.dumps(ROWS[0]))
    code, out, err = epicrisis("add", "visits", rows, other)
    assert (code, "visits@1" in out) == (0, True)
    assert "--permitted-use" in err
    assert "train.jsonl: lines 1-3, train by its name" in err
    assert "more.jsonl: lines 4-4" in err
    told = epicrisis("add", "visits", rows, "--permitted-use", "none", "--split", "test")[2]
    assert "by its name" not in told
    assert "--permitted-use" not in told


def test_a_source_over_several_columns(
    epicrisis: Command, ledger: Ledger, rows: Path, tmp_path: Path
) -> None:
    table = tmp_path / "visits.csv"
    table.write_text("dialogue,section,target\nI have a cough.,HISTORY,Cough.\n")
    columns = ("--source-column", "section", "--source-column", "dialogue")
    shown(epicrisis, "add", "visits", table, *columns)
    with ledger.api.transaction(ledger.tenant) as session:
        version = find_version(session, "visits", 1).id
        [row] = read_rows(session, ledger.opened(), version, after=0, limit=9)
    assert row.candidate.source == "HISTORY\n\nI have a cough."
    code, out, _ = epicrisis("add", "visits", rows, "--source-column", "x" * 65, "--json")
    assert (code, "source_column" in json.loads(out)["error"]["param"]) == (1, True)
    assert "--source-column section --source-column dialogue" in " ".join(
        word for word in epicrisis("add", "--help")[1].split() if word != "│"
    )


def test_a_table_in_another_charset(epicrisis: Command, ledger: Ledger, tmp_path: Path) -> None:
    table = tmp_path / "visits.csv"
    table.write_bytes("source,target\nSchädel geröntgt.,Schädel.\n".encode("cp1252"))
    shown(epicrisis, "add", "visits", table)
    shown(epicrisis, "add", "visits", table, "--charset", "windows-1252")
    with ledger.owner.transaction() as session:
        rejected = session.scalars(text("SELECT reason FROM dataset_members ORDER BY version_id"))
        assert rejected.all() == ["invalid_text", None]


def test_waiting_ends_with_the_exit_code_of_what_came_of_it(
    epicrisis: Command, ledger: Ledger, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(status: str, **columns: str) -> tuple[int, str, str]:
        looks = dataset_add.follow_version

        def then(versions: Any) -> Any:  # noqa: ANN401 - the versions looked at
            settle(ledger, status, **columns)
            return looks(versions)

        monkeypatch.setattr(dataset_add, "follow_version", then)
        ended = epicrisis("add", "visits", rows, "--wait")
        monkeypatch.undo()
        monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
        return ended

    counts = '{"rows": 3, "kept": 2, "splits": {"train": 1, "validation": 1}}'
    key = ledger.new_key()
    monkeypatch.setenv("EPICRISIS_API_KEY", key)
    code, out, _ = made("ready", counts=counts)
    assert (code, "3 in all · 2 kept" in out, "validation 1" in out) == (0, True, True)
    monkeypatch.setenv("EPICRISIS_API_KEY", key)
    code, out, err = made("failed", error_code="leakage", error_message="Two rows are one.")
    assert code == 3
    assert "Two rows are one. (leakage)" in out
    assert "visits@2: Failed" in err


def test_a_version_is_derived_from_a_ready_one(
    epicrisis: Command, ledger: Ledger, rows: Path
) -> None:
    shown(epicrisis, "add", "visits", rows)
    code, out, _ = epicrisis("derive", "visits@1", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "dataset_not_ready")
    settle(ledger, "ready")
    made = shown(
        epicrisis,
        *("derive", "visits@1", "--as", "others", "--keep", "3", "--drop", "1"),
        *("--augment", "abbreviations=0.5", "--curation", "near_duplicate=flag"),
        "--allow-leakage",
    )
    assert (made["name"], made["derived_from"]) == ("others@1", "visits@1")
    recipe = made["recipe"]
    assert recipe["overrule"] == [
        {"line": 3, "decision": "keep"},
        {"line": 1, "decision": "drop"},
    ]
    assert recipe["augment"][0] == {"operator": "abbreviations", "share": 0.5, "model": None}
    assert recipe["curation"]["steps"]["near_duplicate"]["action"] == "flag"
    assert recipe["allow_leakage"] is True
    code, out, _ = epicrisis("derive", "--from-reviews", "visit", "--as", "reviewed", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "no_reviews")


def test_a_version_is_deleted_for_good(epicrisis: Command, ledger: Ledger, rows: Path) -> None:
    shown(epicrisis, "add", "visits", rows)
    settle(ledger, "ready")
    assert shown(epicrisis, "delete", "visits@1", "--yes")["deleted"]
    code, out, _ = epicrisis("show", "visits@1", "--json")
    assert (code, json.loads(out)["error"]["status"]) == (1, 410)
    assert shown(epicrisis, "add", "visits", rows)["name"] == "visits@2"


def test_a_report_is_told_to_wait_for(epicrisis: Command, rows: Path, tmp_path: Path) -> None:
    shown(epicrisis, "add", "visits", rows)
    page = tmp_path / "report.html"
    code, out, _ = epicrisis("report", "visits@1", "-o", page, "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "dataset_not_ready")
    assert not page.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "visits@1", "FILE"],
        ["add", "Visits", "FILE"],
        ["add", "visits"],
        ["add", "visits", "FILE", "--charset", "latin-1"],
        ["derive"],
        ["derive", "visits"],
        ["derive", "visits@1", "--from-reviews", "visit", "--as", "others"],
        ["derive", "--from-reviews", "visit"],
        ["derive", "visits@1", "--keep", "1-9", "--drop", "3"],
        ["derive", "visits@1", "--keep", "9-1"],
        ["derive", "visits@1", "--augment", "abbreviations"],
        ["derive", "visits@1", "--augment", "abbreviations=3"],
        ["derive", "visits@1", "--curation", "near_duplicate=keep"],
        ["decisions", "visits"],
        ["delete", "visits", "--yes"],
    ],
)
def test_a_mistake_in_the_command_line_is_told(
    epicrisis: Command, rows: Path, arguments: list[str]
) -> None:
    given = [rows if one == "FILE" else one for one in arguments]
    code, out, _ = epicrisis(*given, "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "usage")
