"""The registry: model versions, the gate, what serves and what served."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.schemas.base import Answer, Body
from shared.schemas.training import ModelKind

VersionStatus = Literal["ready", "unusable", "withdrawn"]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


class ModelManifest(Answer):
    """How a version is served, and what it came from. Holds no word of an example."""

    kind: ModelKind
    architecture: str
    template: str
    """What the model is given: see `shared/training/template.py`."""
    max_source_tokens: int
    max_target_tokens: int
    num_beams: int = 1
    languages: list[str] = Field(default_factory=list)
    licence: str | None = None
    base_digest: str
    dataset: str
    hyperparameters: dict[str, Any]
    metrics: dict[str, float | None] = Field(default_factory=dict)
    """Of the best step: `validation_loss`, `rougeL`, …"""
    versions: dict[str, str] = Field(default_factory=dict)
    """Of the libraries that made it."""


class Parity(Answer):
    """The fast form beside the weights, on validation examples."""

    compute_type: str
    examples: int
    log_probability: float
    """Mean absolute difference a target token, in nats, under teacher forcing."""
    same_tokens: float = Field(ge=0.0, le=1.0)
    """Share of tokens chosen alike, greedily, up to the first difference of each example."""
    passed: bool


class ModelVersionAnswer(Answer):
    object: Literal["model_version"] = "model_version"
    id: str
    name: str
    """`models:/discharge/3`"""
    note_type: str
    number: int
    status: VersionStatus
    in_production: bool
    base_model: str
    method: str
    dataset: str
    run: str | None
    parameters: int
    digest: str
    manifest: ModelManifest
    parity: Parity
    card: str | None = None
    """The model card, Markdown; with one version asked for, not in lists."""
    created_at: datetime
    withdrawn_at: datetime | None
    withdrawn_because: str | None


class ModelAnswer(Answer):
    """A note type, and what serves it."""

    object: Literal["model"] = "model"
    note_type: str
    serves: str | None
    """`models:/discharge/3`; None: the prompt."""
    production: str | None
    """What was put into production; it does not serve if it was found to be unusable since."""
    since: datetime | None
    """When that was decided; None: never."""
    versions: int
    newest: str | None


class ArchivedFile(Answer):
    name: str
    size: int
    """Bytes."""
    sha256: str


class ArchiveManifest(Answer):
    """`manifest.json` of an exported version."""

    version: ModelVersionAnswer
    files: list[ArchivedFile]


class GateRow(Answer):
    """One condition of the gate, with the figures that decide it."""

    condition: str
    metric: str
    candidate: float | None
    production: float | None
    difference: float | None
    low: float | None
    high: float | None
    """Paired bootstrap 95 % interval of the difference."""
    passed: bool
    said: str
    """In words."""


class Gate(Answer):
    """Whether a candidate may replace what is in production."""

    passed: bool
    evaluation: str | None
    """None: no evaluation beside what is in production now."""
    rows: list[GateRow]


class PromoteRequest(Body):
    version: int = Field(ge=1)
    reason: Reason
    override: bool = False
    expected_production: int | None = Field(None, ge=0)
    """The version that you believe serves (0: none, the prompt): 409 if it is another."""


class ChangeRequest(Body):
    """Rollback and demotion."""

    reason: Reason = "not given"


class WithdrawRequest(Body):
    reason: Reason
    redo: bool = False
    """Summarize again what it had summarized."""


class ProductionAnswer(Answer):
    """What serves a note type from now on."""

    object: Literal["production"] = "production"
    note_type: str
    version: str | None
    """`models:/discharge/3`; None: the prompt."""
    before: str | None
    gate: Gate | None = None
    summaries_withdrawn: int | None = None
    redo_batch: str | None = None


class PromotionAnswer(Answer):
    """One line of the history."""

    seq: int
    """Ask for the next page with `after=` the last one's."""
    action: Literal["promote", "rollback", "demote", "withdraw"]
    version: str | None
    reason: str
    override: bool
    gate: Gate | None
    actor: str
    at: datetime


class HistoryAnswer(Answer):
    object: Literal["history"] = "history"
    note_type: str
    at: datetime | None = None
    version: str | None = None
    """With `?at=`: what served at that time; None: the prompt."""
    data: list[PromotionAnswer]
    """Newest first."""
    has_more: bool = False
