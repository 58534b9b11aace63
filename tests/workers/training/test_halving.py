"""Memory that runs out in the midst of a run: smaller batches, the same loss."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from shared.training.ledger import claim_run
from shared.training.resolve import Method
from tests.workers.training.conftest import Trainings
from tests.workers.training.core import Heard, make_work, train
from workers.training.failures import TrainingFailed
from workers.training.halving import padded
from workers.training.objective import Batch, target_loss
from workers.training.said import write_down

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")
NOBODY_HAS = 2**60
"""Bytes."""
PLAIN: dict[str, Any] = {"gradient_accumulation_steps": 2, "learning_rate": 1e-3}


def cramp(monkeypatch: pytest.MonkeyPatch, most: int) -> list[int]:
    """Beside gradients, more padded tokens than `most` ask torch for more than there is.

    So it is never the first batch of a step. Returns the sizes that were refused.
    """
    refused: list[int] = []

    def loss(model: Any, core: Any, batch: Batch, smoothing: float) -> torch.Tensor:  # noqa: ANN401
        if padded(batch) > most and any(p.grad is not None for p in core.parameters()):
            refused.append(padded(batch))
            torch.empty(NOBODY_HAS, dtype=torch.uint8)
        return target_loss(model, core, batch, smoothing)

    monkeypatch.setattr("workers.training.trainer.target_loss", loss)
    return refused


def losses(heard: Heard) -> list[float]:
    """Of training and validation, in the order of the steps."""
    points = heard.named("points")
    return [p[name] for p in points for name in ("train_loss", "validation_loss") if name in p]


@pytest.mark.parametrize(
    ("model", "method", "certain"),
    [
        ("llama", "lora", {"lora_dropout": 0.0}),
        ("bart", "full", {"dropout": 0.0, "attention_dropout": 0.0}),
    ],
)
def test_halved_batches_come_to_the_same_loss_and_the_run_says_so(
    model: str,
    method: Method,
    certain: dict[str, float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    knobs = {**PLAIN, **certain}
    undisturbed = train(make_work(tmp_path / "roomy", monkeypatch, model, method, **knobs))
    assert undisturbed.named("warning") == []
    work = make_work(tmp_path / "cramped", monkeypatch, model, method, **knobs)
    refused = cramp(monkeypatch, most=150)
    heard = train(work)
    warnings = heard.named("warning")
    # Fewer times than there are steps: later ones are halved beforehand.
    assert 0 < len(refused) < 4
    assert [warning["code"] for warning in warnings] == ["batch_halved"] * len(refused)
    assert all("from now on at most" in warning["message"] for warning in warnings)
    assert losses(heard) == pytest.approx(losses(undisturbed), rel=1e-4)
    assert heard.named("done")[0]["steps"] == 6


def test_one_example_that_memory_cannot_hold_fails_the_run_with_an_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "work", monkeypatch, **PLAIN)
    cramp(monkeypatch, most=8)
    with pytest.raises(TrainingFailed) as failed:
        train(work)
    assert failed.value.error_code == "out_of_memory"
    assert re.match(r"One example of \d\d tokens", failed.value.detail)
    assert "max_source_length" in (failed.value.how_to_fix or "")
    assert not (work / "model").exists()


def test_another_error_halves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loss(*_: object) -> torch.Tensor:
        raise RuntimeError("The size of tensor a must match the size of tensor b.")

    monkeypatch.setattr("workers.training.trainer.target_loss", loss)
    heard = Heard()
    with pytest.raises(RuntimeError, match="size of tensor"):
        train(make_work(tmp_path / "work", monkeypatch), heard)
    assert heard.named("warning") == []


def test_what_the_trainer_says_of_it_stands_in_the_events_of_the_run(
    trainings: Trainings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cramp(monkeypatch, most=150)
    heard = train(make_work(tmp_path / "work", monkeypatch, **PLAIN))
    run = trainings.submit()
    with trainings.parts.database.transaction() as session:
        lease = claim_run(
            session, trainings.presence.worker, host="here", device="cpu", lease_seconds=30
        )
    assert lease is not None
    write_down(trainings.parts.database, lease, heard.said)
    said = {event.code: event for event in trainings.events(run)}
    assert said["batch_halved"].level == "warning"
    assert "Out of memory at" in said["batch_halved"].message
    assert max(trainings.points(run)) == 6
