"""`bases`, `train`, `runs` and `triggers` against the real API, without a network between them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

from services.api.main import create_app
from services.client.cli.main import run
from services.client.cli.training_options import told
from services.client.errors import Invalid
from shared.ids import new_id, parse_id
from shared.schemas.base import Problem
from shared.tables import Base, Evaluation, TrainingEvent, TrainingPoint, TrainingRun
from tests.factories.training import ready_base, ready_dataset
from tests.fixtures.ledger import Ledger

Command = Callable[..., tuple[int, str, str]]
TRAIN = ("train", "--note-type", "visit", "--dataset", "visits")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Looks:
    """What happens in the ledger before each GET of one object, as a worker would do it."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], None]] = []

    def next(self, request: httpx2.Request) -> None:
        last = request.url.path.rpartition("/")[2]
        if request.method == "GET" and last.startswith(("run_", "tiny")) and self.steps:
            self.steps.pop(0)()


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def epicrisis(
    ledger: Ledger,
    looks: Looks,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Command]:
    monkeypatch.setenv("EPICRISIS_API_URL", "http://api")
    monkeypatch.setenv("EPICRISIS_API_KEY", ledger.new_key())
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("services.client.training._LONGEST_SECONDS", 0.0)
    with TestClient(create_app(ledger.api, ledger.vault)) as api:

        def forward(request: httpx2.Request) -> httpx2.Response:
            told = capsys.readouterr()
            looks.next(request)
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
            code = run([*map(str, arguments)], transport=httpx2.MockTransport(forward))
            out, err = capsys.readouterr()
            return code, out, "".join(said) + err

        yield command


@pytest.fixture
def begun(ledger: Ledger) -> None:
    ready_dataset(ledger)
    ready_base(ledger)


def shown(epicrisis: Command, *arguments: str | Path) -> Any:  # noqa: ANN401 - any JSON
    code, out, _ = epicrisis(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


def settle(ledger: Ledger, **columns: object) -> Callable[[], None]:
    """All runs are so, once it is called."""

    def write() -> None:
        with ledger.owner.transaction() as session:
            session.execute(update(TrainingRun).values(**columns))

    return write


def at(step: str, done: int, total: int) -> dict[str, object]:
    lease = datetime.now(UTC) + timedelta(minutes=1)
    return {
        "status": "running",
        "lease_expires_at": lease,
        "step": step,
        "done": done,
        "total": total,
        "step_began_at": NOW,
    }


@pytest.mark.usefixtures("begun")
def test_settings_are_told_by_their_usual_names(epicrisis: Command) -> None:
    made = shown(
        epicrisis,
        *(*TRAIN, "--base", "tiny", "--method", "full", "--seed", "7"),
        *("--set", "learning_rate=1e-4", "--set", "early_stopping.patience=2"),
        *("--set", "early_stopping.metric=rougeL", "--set", "max_steps=40"),
    )
    assert (made["base_model"], made["method"], made["seed"]) == ("tiny", "full", 7)
    assert made["hyperparameters"] == {
        "learning_rate": 1e-4,
        "early_stopping": {"patience": 2, "metric": "rougeL"},
        "max_steps": 40,
    }
    code, out, err = epicrisis(*TRAIN, "--base", "tiny")
    assert (code, "queued" in out) == (0, True)
    assert "epicrisis runs show run_" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "learning_rat=1"], "learning_rate"),
        (["--set", "early_stoping.patience=1"], "early_stopping.patience"),
        (["--set", "learning_rate"], "NAME=VALUE"),
        (["--set", "learning_rate=fast"], "learning_rate"),
        (["--set", "max_steps=0"], "max_steps"),
        (["--method", "distill"], "not offered by this version"),
        (["--method", "all"], "full or lora"),
        (["--dataset", "Visits"], "visits@3"),
    ],
)
@pytest.mark.usefixtures("begun")
def test_a_mistake_is_told_with_what_was_meant(
    epicrisis: Command, arguments: list[str], said: str
) -> None:
    code, out, _ = epicrisis(*TRAIN, "--base", "tiny", *arguments, "--json")
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (2, "usage")
    assert said in error["message"]


def test_a_servers_refusal_of_a_setting_names_its_neighbours() -> None:
    problem = Problem(
        title="Unprocessable",
        status=422,
        detail="hyperparameters.warmup_steps: Extra inputs are not permitted",
        code="invalid_request",
        request_id="req_1",
        param="hyperparameters.warmup_steps",
    )
    request = httpx2.Request("POST", "http://api/v1/training-runs")
    error = told(Invalid(problem, request, httpx2.Response(422)))
    assert "warmup_ratio" in (error.how_to_fix or "")


@pytest.mark.usefixtures("begun")
def test_waiting_shows_steps_losses_and_warnings_and_ends_with_what_to_type_next(
    epicrisis: Command, ledger: Ledger, looks: Looks
) -> None:
    def measured() -> None:
        settle(ledger, **at("train", 10, 40))()
        with ledger.owner.transaction() as session:
            row = session.query(TrainingRun.id).one()[0]
            values = {"train_loss": 2.5, "validation_loss": 2.25, "rougeL": 18.5, "seconds": 9.0}
            common = {"run_id": row, "tenant_id": ledger.tenant}
            session.execute(
                insert(TrainingPoint).values(step=10, epoch=0.5, measured=values, **common)
            )
            session.execute(
                insert(TrainingEvent).values(
                    level="warning", code="halved", message="Batches were halved.", **common
                )
            )

    diagnosis = {"verdict": "overfitting", "summary": "By heart.", "findings": ["Rose by 5 %."]}
    looks.steps = [
        settle(ledger, **at("prepare", 0, 0)),
        measured,
        settle(
            ledger,
            status="succeeded",
            lease_expires_at=None,
            best_step=10,
            diagnosis=diagnosis,
        ),
    ]
    code, out, err = epicrisis(*TRAIN, "--base", "tiny", "--wait")
    assert code == 0, err
    assert "Prepare  0 %" in err
    assert "Train  26 %  loss 2.500  validation 2.250  ROUGE-L 18.5" in err
    assert "! Batches were halved." in err
    assert "By heart." in out
    assert "Rose by 5 %." in out


@pytest.mark.parametrize("status", ["failed", "cancelled", "paused"])
@pytest.mark.usefixtures("begun")
def test_waiting_for_what_came_to_nothing_is_a_failed_job(
    epicrisis: Command, ledger: Ledger, looks: Looks, status: str
) -> None:
    looks.steps = [
        settle(
            ledger,
            status=status,
            error_code="out_of_memory",
            error_message="It does not fit.",
            error_fix="Lower token_budget.",
        )
    ]
    ended, out, _ = epicrisis(*TRAIN, "--base", "tiny", "--wait")
    assert ended == 3
    assert "It does not fit. (out_of_memory)" in out
    assert "Lower token_budget." in out


@pytest.mark.usefixtures("begun")
def test_waiting_goes_on_until_the_version_has_been_evaluated(
    epicrisis: Command, ledger: Ledger, looks: Looks
) -> None:
    def evaluated() -> None:
        settle(ledger, status="succeeded", lease_expires_at=None)()
        with ledger.owner.transaction() as session:
            run = session.scalars(select(TrainingRun)).one()
            session.execute(
                insert(Evaluation).values(
                    id=new_id(),
                    tenant_id=ledger.tenant,
                    status="failed",
                    note_type="visit",
                    candidates=["production"],
                    dataset_version_id=run.dataset_version_id,
                    split="test",
                    metric="rougeL",
                    run_id=run.id,
                    error_code="empty_test_split",
                    error_message="There is nothing to measure on.",
                )
            )

    looks.steps = [evaluated]
    code, out, err = epicrisis(*TRAIN, "--base", "tiny", "--wait")
    assert code == 4
    assert "There is nothing to measure on." in err
    # The run as `runs show` tells it, with all of its evaluation where that only names it.
    name = next(word for word in out.split() if word.startswith("run_"))
    code, out, _ = epicrisis("runs", "show", name, "--watch", "--json")
    both, alone = json.loads(out), shown(epicrisis, "runs", "show", name)
    assert (code, both["evaluation"]["id"]) == (4, alone["evaluation"])
    assert both["evaluation"]["error"]["code"] == "empty_test_split"
    assert both == {**alone, "evaluation": both["evaluation"]}


@pytest.mark.usefixtures("begun")
def test_runs_are_listed_shown_paused_and_cancelled(
    epicrisis: Command, ledger: Ledger, tmp_path: Path
) -> None:
    assert "There is none yet" in epicrisis("runs", "list")[2]
    made = shown(epicrisis, *TRAIN, "--base", "tiny")["id"]
    assert [one["id"] for one in shown(epicrisis, "runs", "list")["data"]] == [made]
    assert made in epicrisis("runs", "list", "--note-type", "visit")[1]
    assert "tiny, lora, seed 13" in epicrisis("runs", "show", made)[1]
    assert shown(epicrisis, "runs", "pause", made)["status"] == "paused"
    assert shown(epicrisis, "runs", "resume", made)["status"] == "queued"
    with ledger.owner.transaction() as session:
        session.execute(
            insert(TrainingEvent).values(
                run_id=parse_id("run", made),
                tenant_id=ledger.tenant,
                level="info",
                code="claimed",
                message="A worker has it.",
            )
        )
    assert "A worker has it." in epicrisis("runs", "events", made)[1]
    assert json.loads(epicrisis("runs", "events", made, "--json")[1])["code"] == "claimed"
    page = tmp_path / "report.html"
    assert shown(epicrisis, "runs", "report", made, "-o", page)["output"] == str(page)
    assert page.read_text().startswith("<!doctype html>")
    assert page.stat().st_mode & 0o777 == 0o600
    assert epicrisis("runs", "cancel", made)[1].split() == [made, "cancelled"]
    code, out, _ = epicrisis("runs", "resume", made, "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "run_not_paused")


def test_a_base_is_imported_by_a_directorys_whole_path(
    epicrisis: Command,
    ledger: Ledger,
    looks: Looks,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    made = shown(epicrisis, "bases", "import", "tiny", "--licence", "MIT", "--language", "en")
    assert (made["name"], made["source"]) == ("tiny", str(tmp_path / "tiny"))
    assert (made["licence"], made["languages"], made["status"]) == ("MIT", ["en"], "queued")

    def write(**columns: object) -> None:
        with ledger.owner.transaction() as session:
            session.execute(update(Base).values(**columns))

    looks.steps = [
        lambda: write(status="running", lease_expires_at=NOW),
        lambda: write(status="ready", lease_expires_at=None, parameters=1_000, kind="decoder"),
    ]
    code, out, err = epicrisis("bases", "import", "tiny", "--wait")
    assert (code, "1,000" in out) == (0, True)
    assert "--base tiny" in err
    write(status="failed", error_code="pickle", error_message="No weights of safetensors.")
    looks.steps = [lambda: write(status="failed")]
    assert "No weights of safetensors. (pickle)" in epicrisis("bases", "show", "tiny")[1]
    assert shown(epicrisis, "bases", "list")["data"][0]["name"] == "tiny"
    assert shown(epicrisis, "bases", "delete", "tiny", "--yes")["deleted"]
    assert epicrisis("bases", "show", "tiny")[0] == 1


@pytest.mark.usefixtures("begun")
def test_triggers_are_added_paused_and_deleted(epicrisis: Command) -> None:
    asked = ("triggers", "add", "--note-type", "visit", "--dataset", "visits", "--base", "tiny")
    made = shown(epicrisis, *asked, "--schedule", "0 2 * * 0", "--time-zone", "Europe/Vienna")
    assert datetime.fromisoformat(made["next_at"]) > datetime.now(UTC)
    assert made["promote"] == "never"
    other = shown(epicrisis, *asked, "--new-reviews", "50", "--promote-if-gate-passes")
    assert (other["new_reviews"], other["promote"]) == (50, "if_gate_passes")
    listed = epicrisis("triggers", "list")[1]
    assert "0 2 * * 0 Europe/Vienna" in listed
    assert "50 new reviews" in listed
    assert shown(epicrisis, "triggers", "pause", made["id"])["paused"] is True
    assert shown(epicrisis, "triggers", "resume", made["id"])["paused"] is False
    assert shown(epicrisis, "triggers", "delete", made["id"])["deleted"]
    assert [one["id"] for one in shown(epicrisis, "triggers", "list")["data"]] == [other["id"]]
    for wrong in (["--schedule", "0 2 * * 0"], ["--time-zone", "UTC"], []):
        assert epicrisis(*asked, *wrong)[0] == 2
