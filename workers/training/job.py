"""What a training job is: all that its process is told, but for the examples."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.training.resolve import BaseKind, Method, Resolved


class Job(BaseModel):
    """`job.json`. Holds no word of an example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: Path
    """A directory in Hugging Face layout with safetensors."""
    base_kind: BaseKind
    method: Method
    template: str
    """See `shared/training/template.py`."""
    title: str
    """Of the note type, for the template."""
    hyperparameters: Resolved
    seed: int = Field(ge=0, le=2**31 - 1)
    device: Literal["cpu", "cuda"] = "cpu"
    threads: int | None = Field(None, ge=1)
    """Of the CPU; None: as torch chooses. The outcome is byte-equal for an equal number only."""


class Outcome(BaseModel):
    """`outcome.json`: what came of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    best_step: int
    steps: int
    """Optimizer steps that were made; fewer than `planned_steps` after an early stop."""
    planned_steps: int
    train_loss: float | None
    """Mean of the last validation's interval, nats a target token."""
    measured: dict[str, float]
    """At the best step: `validation_loss`, `rouge1`, `rouge2`, `rougeL` (points of 100)."""
    points: list[dict[str, float]]
    """All measurements, one of each logged step; see the event `points`."""
    stopped_early: bool
    examples: dict[str, int]
    max_source_length: int
    max_target_length: int
    source_cut: float
    """Share of the training examples whose source was longer than `max_source_length`."""
    target_cut: float
    tokens_seen: int
    """Source and target, without padding, over all steps."""
    seconds: float
    """Of training and validation, over all attempts."""
    peak_memory_bytes: int
    precision: Literal["float32", "bf16"]
    parameters: int
    trainable_parameters: int
    eval_steps: int
    versions: dict[str, str]
