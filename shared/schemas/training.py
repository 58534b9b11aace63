"""Training: bases, runs, what they say while they run, and what starts them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from shared.schemas.base import Answer, Body
from shared.schemas.datasets import DATASET_NAME, VERSION_NAME
from shared.schemas.hyperparameters import Hyperparameters
from shared.schemas.summaries import MODEL_VERSION

BASE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+)?$|^packaged:smollm2$"
Method = Literal["full", "lora"]
METHODS: tuple[Method, ...] = ("full", "lora")
Promote = Literal["never", "if_gate_passes"]
BaseStatus = Literal["queued", "running", "ready", "failed"]
RunStatus = Literal["queued", "running", "paused", "succeeded", "failed", "cancelled"]
ModelKind = Literal["encoder_decoder", "decoder"]
StepName = Literal["prepare", "train", "export", "register"]
STEPS: tuple[StepName, ...] = ("prepare", "train", "export", "register")
NoteType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class JobError(Answer):
    """Why a job failed, and what to do next."""

    code: str
    message: str
    how_to_fix: str | None = None


class BaseRequest(Body):
    """`POST /v1/bases`."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    """A hub id (`sshleifer/distilbart-cnn-12-6`), a directory on the training worker's machine, or
    `packaged:smollm2`."""
    name: Annotated[str, StringConstraints(pattern=BASE_NAME, max_length=200)] | None = None
    """None: the hub id, or the directory's name."""
    licence: Annotated[str, StringConstraints(max_length=200)] | None = None
    """None: as the model's card says."""
    languages: list[Annotated[str, StringConstraints(max_length=35)]] = Field(
        default_factory=list, max_length=64
    )


class BaseAnswer(Answer):
    object: Literal["base"] = "base"
    id: str
    name: str
    source: str
    status: BaseStatus
    kind: ModelKind | None
    architecture: str | None
    parameters: int | None
    window: int | None
    languages: list[str]
    licence: str | None
    digest: str | None
    """SHA-256 of the list of its files."""
    error: JobError | None
    created_at: datetime
    ready_at: datetime | None


class TrainingRequest(Body):
    """`POST /v1/training-runs`."""

    note_type: NoteType
    dataset: Annotated[str, StringConstraints(pattern=rf"{VERSION_NAME}|{DATASET_NAME}")]
    """`visits@3`; a name alone takes its newest version."""
    base_model: (
        Annotated[str, StringConstraints(pattern=rf"{BASE_NAME}|{MODEL_VERSION}")] | None
    ) = None
    """An imported base or one of our own versions; None: EPICRISIS_BASE_MODEL."""
    method: Method = "lora"
    hyperparameters: Hyperparameters = Field(default_factory=Hyperparameters)
    allow_leakage: bool = False
    """A version whose splits leak into each other is refused unless this is set."""
    seed: int = Field(13, ge=0, le=2**31 - 1)


class Forecast(Answer):
    """Before the first step; `measured` tells what a few steps on the device took."""

    memory_bytes: int
    available_bytes: int
    seconds: float
    steps: int
    tokens: int
    """Of all steps, source and summary."""


class Preflight(Answer):
    """What a run finds before it trains."""

    examples: dict[str, int]
    """Split → how many are used."""
    source_cut: float = Field(ge=0.0, le=1.0)
    """Share of the training examples whose source is longer than `max_source_length`."""
    target_cut: float = Field(ge=0.0, le=1.0)
    source_tokens: dict[str, int]
    """Percentiles: `p50`, `p95`, `max`."""
    target_tokens: dict[str, int]
    forecast: Forecast
    advice: list[str] = Field(default_factory=list)
    """In words: which method and base fit the number of examples, what to look at."""


class StepAnswer(Answer):
    name: StepName
    status: Literal["waiting", "running", "succeeded", "failed", "cancelled"]
    began_at: datetime | None = None
    ended_at: datetime | None = None


class Diagnosis(Answer):
    """What the curves say, in words, with the knob to turn."""

    verdict: Literal[
        "healthy", "overfitting", "underfitting", "plateau", "unstable", "copying", "too_short"
    ]
    summary: str
    findings: list[str] = Field(default_factory=list)
    """Each with its figures and the knob."""


class TrainingRunAnswer(Answer):
    object: Literal["training_run"] = "training_run"
    id: str
    status: RunStatus
    note_type: str
    dataset: str
    base_model: str
    method: str
    hyperparameters: dict[str, Any]
    """Every knob as it is used; before the data have been seen, those that were asked for."""
    seed: int
    steps: list[StepAnswer]
    percentage_done: float | None
    estimated_completion_at: datetime | None
    best_step: int | None
    model_version: str | None
    evaluation: str | None
    preflight: Preflight | None
    diagnosis: Diagnosis | None
    outcome: dict[str, Any] | None
    error: JobError | None
    trigger: str | None
    device: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class TrainingEventAnswer(Answer):
    seq: int
    at: datetime
    level: Literal["info", "warning", "error"]
    code: str
    message: str


class TrainingPointAnswer(Answer):
    step: int
    epoch: float
    values: dict[str, float | None]


class TriggerRequest(Body):
    """`POST /v1/training-triggers`: either `schedule` or `new_reviews`."""

    note_type: NoteType
    dataset: Annotated[str, StringConstraints(pattern=DATASET_NAME)]
    base_model: (
        Annotated[str, StringConstraints(pattern=rf"{BASE_NAME}|{MODEL_VERSION}")] | None
    ) = None
    method: Method = "lora"
    hyperparameters: Hyperparameters = Field(default_factory=Hyperparameters)
    seed: int = Field(13, ge=0, le=2**31 - 1)
    schedule: Annotated[str, StringConstraints(max_length=100)] | None = None
    """Five fields as of cron(8): `0 2 * * 0`."""
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = None
    """IANA: `Europe/Vienna`. With `schedule`."""
    new_reviews: int | None = Field(None, ge=1, le=1_000_000)
    """So many accepted or edited reviews of the note type since the last time."""
    promote: Promote = "never"

    @model_validator(mode="after")
    def _one_cause(self) -> "TriggerRequest":
        if (self.schedule is None) == (self.new_reviews is None):
            raise ValueError("Give either schedule or new_reviews.")
        if (self.schedule is None) != (self.time_zone is None):
            raise ValueError("A schedule comes with its time_zone, and nothing else does.")
        return self


class TriggerAnswer(Answer):
    object: Literal["training_trigger"] = "training_trigger"
    id: str
    note_type: str
    dataset: str
    base_model: str
    method: str
    schedule: str | None
    time_zone: str | None
    new_reviews: int | None
    promote: Promote
    paused: bool
    next_at: datetime | None
    last_run: str | None
    last_error: str | None
    created_at: datetime
