"""The product's own run of training, from its work folder, in this process."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from shared.schemas.hyperparameters import Hyperparameters
from shared.training.resolve import resolve
from shared.training.template import default_template
from workers.training.events import Events
from workers.training.examples import Example, new_key, seal_examples
from workers.training.job import Job
from workers.training.prepare import Prepared, prepare
from workers.training.run import run


@dataclass
class Heard(Events):
    """The points, each with the time at which it was said."""

    points: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(None)

    @property
    def speaks(self) -> bool:
        return True

    def say(self, event: str, **values: object) -> None:
        if event == "points":
            self.points.append((time.perf_counter(), values))


class _Never:
    is_set = False


def make_job(base: Path, examples: Sequence[Example], *, seed: int, **knobs: Any) -> Job:  # noqa: ANN401
    """Full fine-tuning of an encoder-decoder on all cores, without label smoothing and ROUGE."""
    asked = {
        "label_smoothing": 0.0,
        "validation_sample": 0,
        "early_stopping": {"patience": None},
        **knobs,
    }
    hyperparameters = Hyperparameters.model_validate(asked)
    return Job(
        base=base,
        base_kind="encoder_decoder",
        method="full",
        template=default_template("encoder_decoder"),
        title="Visit note",
        hyperparameters=resolve(hyperparameters, "full", "encoder_decoder", len(examples)),
        seed=seed,
        threads=len(os.sched_getaffinity(0)),
    )


def prepared(job: Job, examples: Sequence[Example]) -> Prepared:
    """The examples as the product gives them to its trainer: both loops take these."""
    return prepare(job, examples, Heard())


def train(folder: Path, job: Job, examples: Sequence[Example]) -> Heard:
    """A whole run in a new folder."""
    folder.mkdir()
    (folder / "job.json").write_text(job.model_dump_json(), "utf-8")
    key, heard = new_key(), Heard()
    seal_examples(folder / "examples.sealed", key, examples)
    with patch.dict(os.environ, {"EPICRISIS_RUN_KEY": key.hex()}):
        run(folder, heard, _Never())  # type: ignore[arg-type] # it is asked nothing else
    return heard
