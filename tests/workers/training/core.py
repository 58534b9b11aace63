"""Work folders of the training core: a tiny random base, sealed examples, a job."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shared.schemas.hyperparameters import Hyperparameters
from shared.training.resolve import BaseKind, Method, resolve
from shared.training.template import default_template
from tests.factories.models import MAKERS
from workers.training.events import Events
from workers.training.examples import Example, new_key, seal_examples
from workers.training.job import Job
from workers.training.run import run

QUICK: dict[str, Any] = {
    "token_budget": 512,
    "max_steps": 6,
    "eval_steps": 3,
    "save_steps": 1,
    "precision": "float32",
    "validation_sample": 2,
    "max_target_length": 12,
    "early_stopping": {"patience": None},
}


class Killed(BaseException):
    """As SIGKILL: nothing of the process's own runs after it."""


@dataclass
class Heard(Events):
    """Events in a list; the process dies at the `dies_at`th."""

    dies_at: int | None = None
    said: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(None)

    @property
    def speaks(self) -> bool:
        return True

    def say(self, event: str, **values: object) -> None:
        self.said.append({"event": event, **values})
        if len(self.said) == self.dies_at:
            raise Killed

    def named(self, event: str) -> list[dict[str, Any]]:
        return [said for said in self.said if said["event"] == event]


@dataclass
class Stop:
    is_set: bool = False


def examples(count: int = 24) -> list[Example]:
    """Of unequal lengths; every sixth is for validation."""
    return [
        Example(
            "validation" if line % 6 == 0 else "train",
            line,
            "visit",
            f"Knee {line} hurts." + " It is swollen." * (line % 4),
            f"Pain in knee {line}.",
        )
        for line in range(1, count + 1)
    ]


def make_work(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str = "llama",
    method: Method = "lora",
    records: Sequence[Example] | None = None,
    **knobs: Any,  # noqa: ANN401
) -> Path:
    """A folder as the supervisor lays it out, its key in the environment."""
    kind: BaseKind = "decoder" if model == "llama" else "encoder_decoder"
    folder.mkdir(parents=True)
    base = MAKERS[model](folder / "base")
    asked = QUICK | knobs
    if "num_train_epochs" in asked:
        asked.pop("max_steps")
    job = Job(
        base=base,
        base_kind=kind,
        method=method,
        template=default_template(kind),
        title="Visit note",
        hyperparameters=resolve(Hyperparameters(**asked), method, kind, 20),
        seed=5,
        threads=1,
    )
    (folder / "job.json").write_text(job.model_dump_json(), "utf-8")
    key = new_key()
    seal_examples(folder / "examples.sealed", key, examples() if records is None else records)
    monkeypatch.setenv("EPICRISIS_RUN_KEY", key.hex())
    return folder


def train(folder: Path, events: Heard | None = None, stop: Stop | None = None) -> Heard:
    heard = events or Heard()
    run(folder, heard, stop or Stop())
    return heard
