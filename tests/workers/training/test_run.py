"""The whole process, from sealed examples to a model: what it says, keeps and makes."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from shared.training.resolve import Method
from tests.factories.models import train_tokenizer
from tests.workers.training.core import Heard, Killed, Stop, make_work, train
from workers.training.failures import Stopped, TrainingFailed
from workers.training.job import Outcome

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")


@pytest.mark.parametrize("model", ["llama", "bart", "t5", "pegasus", "led", "encoder_decoder"])
def test_every_kind_of_base_learns_and_loads_again(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method: Method = "lora" if model in {"llama", "bart"} else "full"
    work = make_work(
        tmp_path / "work", monkeypatch, model, method, learning_rate=1e-3, max_steps=12
    )
    heard = train(work)
    losses = [p["validation_loss"] for p in heard.named("points") if "validation_loss" in p]
    assert losses[-1] < losses[0]
    loader = AutoModelForCausalLM if model == "llama" else AutoModelForSeq2SeqLM
    loaded = loader.from_pretrained(work / "model")
    assert all(bool(torch.isfinite(p).all()) for p in loaded.parameters())
    before, after = (load_file(work / name / "model.safetensors") for name in ("base", "model"))
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    outcome = Outcome.model_validate_json((work / "outcome.json").read_bytes())
    assert outcome.best_step == heard.named("done")[0]["best_step"] > 0
    assert outcome.tokens_seen > 0
    assert outcome.examples == {"train": 20, "validation": 4}


@pytest.mark.parametrize(("model", "method"), [("llama", "lora"), ("bart", "full")])
def test_a_run_that_is_killed_anywhere_ends_with_the_same_bytes(
    model: str, method: Method, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "work", monkeypatch, model, method, attention_dropout=0.2)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(work, undisturbed)
    train(undisturbed)
    kills = 0
    for dies_at in (6, 9, 11, 13, 8, 14):
        try:
            train(work, Heard(dies_at=dies_at))
        except Killed:
            kills += 1
    assert kills >= 4
    train(work)
    assert _bytes(work) == _bytes(undisturbed)
    assert _outcome(work) == _outcome(undisturbed)


def test_a_damaged_checkpoint_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "work", monkeypatch)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(work, undisturbed)
    train(undisturbed)
    stop = Stop()
    with pytest.raises(Killed):
        train(work, Heard(dies_at=25), stop)
    kept = sorted((work / "checkpoints").glob("checkpoint-*"))
    weights = kept[-1] / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    heard = train(work)
    first = next(p["step"] for p in heard.named("points"))
    assert first == int(kept[-1].name.removeprefix("checkpoint-"))
    assert _bytes(work) == _bytes(undisturbed)


def test_a_stop_leaves_a_checkpoint_and_the_rest_is_done_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "work", monkeypatch, save_steps=100)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(work, undisturbed)
    train(undisturbed)
    with pytest.raises(Stopped) as stopped:
        train(work, stop=Stop(is_set=True))
    assert stopped.value.step == 1
    assert [p.name for p in (work / "checkpoints").iterdir()] == ["checkpoint-1"]
    train(work)
    assert _bytes(work) == _bytes(undisturbed)


def test_the_process_stops_at_sigterm_and_dies_with_its_lifeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "work", monkeypatch, max_steps=100_000, eval_steps=100_000)
    os.mkfifo(work / "lifeline")
    with _started(work) as process:
        holder = os.open(work / "lifeline", os.O_WRONLY)
        _wait_for(process, "points")
        process.send_signal(signal.SIGTERM)
        said = [json.loads(line) for line in process.stdout or ()]
        assert said[-1]["event"] == "stopped"
        assert process.wait(20) == 0
    with _started(work) as process:
        again = os.open(work / "lifeline", os.O_WRONLY)
        os.close(holder)
        assert _wait_for(process, "points")["step"] > said[-1]["step"]
        os.close(again)
        assert process.wait(20) == 86


def test_a_loss_that_is_no_number_fails_with_an_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(
        tmp_path / "work", monkeypatch, method="full", learning_rate=1.0, optim="sgd",
        max_grad_norm=0.0, weight_decay=0.0, max_steps=60, eval_steps=60, warmup_ratio=0.0,
    )  # fmt: skip
    base = work / "base" / "model.safetensors"
    damaged = {name: value * float("nan") for name, value in load_file(base).items()}
    save_file(damaged, base, metadata={"format": "pt"})
    with pytest.raises(TrainingFailed) as failed:
        train(work)
    assert failed.value.error_code == "loss_not_finite"
    assert "learning_rate" in (failed.value.how_to_fix or "")
    assert not (work / "model").exists()


def test_the_best_step_is_kept_and_early_stopping_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(
        tmp_path / "work", monkeypatch, learning_rate=1e-9, max_steps=40, eval_steps=2,
        early_stopping={"patience": 2, "min_delta": 0.5},
    )  # fmt: skip
    heard = train(work)
    assert heard.named("done")[0]["steps"] == 6
    assert heard.named("done")[0]["best_step"] == 2
    outcome = Outcome.model_validate_json((work / "outcome.json").read_bytes())
    assert outcome.stopped_early
    assert outcome.planned_steps == 40


def test_a_tokenizer_of_another_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "work", monkeypatch)
    train_tokenizer(size=500).save(str(work / "base" / "tokenizer.json"))
    with pytest.raises(TrainingFailed) as failed:
        train(work)
    assert failed.value.error_code == "wrong_tokenizer"


def test_no_examples_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = make_work(tmp_path / "work", monkeypatch, records=[])
    with pytest.raises(TrainingFailed) as failed:
        train(work)
    assert failed.value.error_code == "no_examples"


def _started(work: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "workers.training.run", str(work)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _wait_for(process: "subprocess.Popen[str]", event: str) -> dict[str, int]:
    for line in process.stdout or ():
        said: dict[str, int] = json.loads(line)
        if said["event"] == event:  # type: ignore[comparison-overlap]
            return said
    raise AssertionError


def _bytes(work: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (work / "model").iterdir()}


def _outcome(work: Path) -> dict[str, object]:
    outcome = json.loads((work / "outcome.json").read_bytes())
    return {k: v for k, v in outcome.items() if k not in {"seconds", "peak_memory_bytes"}}
