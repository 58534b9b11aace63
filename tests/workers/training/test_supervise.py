"""Runs in a real ledger, trained by the real process: what becomes of them."""

import os
import shutil
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest
from safetensors.torch import load_file, save_file

from shared.datasets.delete import delete_version
from shared.datasets.queries import find_version
from shared.training.cancel import cancel_run
from shared.training.pause import pause_run
from shared.training.resume import resume_run
from tests.workers.training.conftest import Trainings
from workers.inference.artifacts import fetch_model
from workers.inference.cache import ensure_converted
from workers.inference.model_files import find_files

LONG: dict[str, Any] = {"max_steps": 10_000, "eval_steps": 10_000, "save_steps": 5}


def is_over(group: int) -> bool:
    """No process of the group is left."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def unexpected(*_: object) -> NoReturn:
    pytest.fail("It is converted again.")


def test_a_run_becomes_a_model_version_that_is_judged_next(trainings: Trainings) -> None:
    run = trainings.submit()
    trainings.drain()
    answer = trainings.run(run)
    assert (answer.status, answer.error) == ("succeeded", None), trainings.codes(run)
    assert answer.model_version == "models:/visit/1"
    assert answer.evaluation is not None
    assert [step.status for step in answer.steps] == ["succeeded"] * 4
    preflight = answer.preflight
    assert preflight is not None
    assert preflight.examples == {"train": 12, "validation": 3}
    assert preflight.forecast.steps == 6
    assert preflight.advice
    assert answer.hyperparameters["max_source_length"] is not None
    assert max(trainings.points(run)) == 6
    assert not trainings.folder(run).exists()
    digest = trainings.value("SELECT artifact FROM model_versions")
    assert trainings.parts.store.exists(digest)


def test_serving_finds_the_fast_form_that_was_compared(trainings: Trainings) -> None:
    trainings.submit()
    trainings.drain()
    parts = trainings.parts
    folder = fetch_model(
        parts.store, trainings.value("SELECT artifact FROM model_versions"), parts.home
    )
    compute_type = parts.place.compute_type
    for engines in (parts.home.engines, folder.parent / "of another machine"):
        files = find_files(folder)
        assert ensure_converted(files, engines, compute_type, parts.store, unexpected)


@pytest.mark.parametrize(("ask", "state"), [(cancel_run, "cancelled"), (pause_run, "paused")])
def test_a_run_stops_within_ten_seconds(trainings: Trainings, ask: object, state: str) -> None:
    run = trainings.submit(**LONG)
    with trainings.draining():
        trainings.wait_for(run, "checkpoint")
        group, began = trainings.trainer(run), time.monotonic()
        trainings.do(ask, run)  # type: ignore[arg-type] # one of the two above
    assert time.monotonic() - began < 10
    assert trainings.run(run).status == state
    assert is_over(group)
    assert trainings.folder(run).exists() == (state == "paused")


def test_a_paused_run_goes_on_from_its_checkpoint(trainings: Trainings) -> None:
    run = trainings.submit(**LONG)
    with trainings.draining():
        trainings.wait_for(run, "checkpoint")
        trainings.do(pause_run, run)
    last = trainings.done(run)
    trainings.do(resume_run, run)
    with trainings.draining():
        trainings.wait_for(run, "resumed")
        trainings.wait_for_step(run, last + 1)
        trainings.do(cancel_run, run)
    assert trainings.codes(run).count("prepared") == 1


def test_a_worker_that_is_told_to_stop_gives_the_run_back(trainings: Trainings) -> None:
    run = trainings.submit(**LONG)
    with trainings.draining():
        trainings.wait_for(run, "checkpoint")
        group = trainings.trainer(run)
        trainings.told_to_stop = True
    answer = trainings.run(run)
    assert answer.status == "queued"
    assert trainings.codes(run)[-1] == "released"
    assert is_over(group)
    assert trainings.value("SELECT attempts FROM training_runs") == 0


def test_a_run_that_another_worker_has_is_let_go_at_once(trainings: Trainings) -> None:
    run = trainings.submit(**LONG)
    with trainings.draining():
        trainings.wait_for(run, "checkpoint")
        group, events = trainings.trainer(run), len(trainings.codes(run))
        trainings.change("UPDATE training_runs SET fence = fence + 1, asked = 'cancel'")
        trainings.told_to_stop = True
    assert is_over(group)
    assert trainings.run(run).status == "running"
    assert len(trainings.codes(run)) <= events + 2


def test_a_loss_that_is_no_number_fails_with_an_advice(
    trainings: Trainings, tiny_base: Path, tmp_path: Path
) -> None:
    broken = Path(shutil.copytree(tiny_base, tmp_path / "broken"))
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"][0] = float("nan")
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    trainings.add_base("broken", broken)
    run = trainings.submit(base="broken")
    trainings.drain()
    error = trainings.run(run).error
    assert error is not None, trainings.codes(run)
    assert "loss" in error.message
    assert error.how_to_fix is not None
    assert trainings.value("SELECT count(*) FROM model_versions") == 0
    assert not trainings.folder(run).exists()


def test_a_deleted_dataset_version_fails_the_run(trainings: Trainings) -> None:
    run = trainings.submit()
    with trainings.ledger.api.transaction(trainings.ledger.tenant) as session:
        delete_version(session, find_version(session, "visits", 1).id)
    trainings.drain()
    error = trainings.run(run).error
    assert error is not None
    assert (error.code, error.how_to_fix is not None) == ("dataset_deleted", True)


def test_a_process_that_is_killed_three_times_before_a_checkpoint_fails_the_run(
    trainings: Trainings,
) -> None:
    run = trainings.submit(**LONG)
    killed: list[int] = []
    with trainings.draining():
        trainings.wait_for(run, "prepared")
        for _ in range(3):
            killed.append(trainings.kill_next(run, killed))
    answer = trainings.run(run)
    assert answer.status == "failed", trainings.codes(run)
    assert {step.name: step.status for step in answer.steps}["train"] == "failed"
    assert answer.error is not None
    assert answer.error.code == "trainer_died"
    assert "was killed" in answer.error.message
    assert "memory" in (answer.error.how_to_fix or "")
    died = [event.level for event in trainings.events(run) if event.code == "trainer_died"]
    assert died == ["warning", "warning", "error"]
    assert all(map(is_over, killed))
    assert not trainings.folder(run).exists()


def test_what_is_cancelled_while_nobody_works_leaves_no_folder(trainings: Trainings) -> None:
    run = trainings.submit(**LONG)
    with trainings.draining():
        trainings.wait_for(run, "checkpoint")
        trainings.do(pause_run, run)
    trainings.do(cancel_run, run)
    assert trainings.folder(run).exists()
    trainings.drain()
    assert not trainings.folder(run).exists()
