"""Datasets, their versions, and what was decided about each row."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.schemas.base import Answer, Body
from shared.schemas.dataset_reports import Report

DATASET_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
VERSION_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}@[1-9][0-9]{0,8}$"
"""How a version is named: `visits@3`."""
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
PermittedUse = Literal["training", "evaluation", "none"]
"""`training` includes evaluation; what is not permitted for training is never trained on."""
VersionStatus = Literal["queued", "running", "ready", "failed"]
Decided = Literal["keep", "drop", "reject"]
"""Reject: the row cannot be read. Drop: curation leaves it out. Both can be told apart forever."""
Kind = Literal["uploaded", "reviewed", "augmented", "pseudo_labelled"]
MADE: tuple[Kind, ...] = ("augmented", "pseudo_labelled")
"""What is made for a version alone, of its own rows: another version of them makes its own."""


class StepSettings(Body):
    """A curation step: what becomes of what it finds, and its own settings by name."""

    action: Literal["drop", "flag", "off"] | None = None
    """None: as the step does unless told otherwise."""
    settings: dict[str, float] = Field(default_factory=dict, max_length=16)


class Curation(Body):
    """Steps by name; one that is not named runs as it is shipped."""

    steps: dict[str, StepSettings] = Field(default_factory=dict, max_length=32)


class Augmentation(Body):
    """`share`: how many examples the operator adds, relative to the training split."""

    operator: Annotated[str, StringConstraints(max_length=64)]
    share: float = Field(gt=0.0, le=2.0)
    model: Annotated[str, StringConstraints(max_length=128)] | None = None
    """Of `pseudo_labels`: what writes the targets, `models:/T/V`, `prompts:/T/V` or `prompt`."""


class Overrule(Body):
    """A person's decision about a row, which stands above curation's."""

    line: int = Field(ge=1)
    decision: Literal["keep", "drop"]


class SplitShares(Body):
    """How new groups are shared out; those that the name knows keep their split."""

    train: float = Field(0.8, ge=0.0, le=1.0)
    validation: float = Field(0.1, ge=0.0, le=1.0)
    test: float = Field(0.1, ge=0.0, le=1.0)


class Recipe(Body):
    """How a version's members were chosen; with the version it came from, all of it."""

    reviews: str | None = None
    """The note type whose reviewed summaries are collected as the version is made."""
    curation: Curation = Field(default_factory=Curation)
    augment: list[Augmentation] = Field(default_factory=list, max_length=16)
    overrule: list[Overrule] = Field(default_factory=list, max_length=100_000)
    shares: SplitShares = Field(default_factory=SplitShares)
    allow_leakage: bool = False
    """A version whose splits leak into each other is refused unless this is set."""
    steps: dict[str, int] = Field(default_factory=dict)
    """The version of each step and operator that ran."""


class DeriveRequest(Body):
    """A new version from an earlier one (`visits@2`), or of reviewed summaries (`reviews`)."""

    source: Annotated[
        str, StringConstraints(pattern=rf"{VERSION_NAME}|^reviews$"), Field(alias="from")
    ]
    note_type: Annotated[str, StringConstraints(max_length=64)] | None = None
    """With `reviews`: whose."""
    curation: Curation | None = None
    """None: as the earlier version was curated."""
    augment: list[Augmentation] = Field(default_factory=list, max_length=16)
    overrule: list[Overrule] = Field(default_factory=list, max_length=100_000)
    shares: SplitShares | None = None
    allow_leakage: bool = False


class Counts(Answer):
    """Rows of a version. `flagged` are kept, and something was found about them."""

    rows: int = 0
    kept: int = 0
    dropped: int = 0
    rejected: int = 0
    flagged: int = 0
    augmented: int = 0
    pseudo_labelled: int = 0
    without_target: int = 0
    splits: dict[Split, int] = Field(default_factory=dict)
    reasons: dict[str, int] = Field(default_factory=dict)
    """How many rows each finding was made about."""


class DatasetError(Answer):
    code: str
    message: str
    how_to_fix: str | None = None


class DatasetVersionAnswer(Answer):
    object: Literal["dataset_version"] = "dataset_version"
    id: str
    name: str
    """`visits@3`, by which training runs and evaluations take it."""
    number: int
    note_type: str
    status: VersionStatus
    step: str | None
    percentage_done: float | None
    origin: str
    licence: str | None
    permitted_use: PermittedUse
    holds_patient_data: bool
    derived_from: str | None
    recipe: Recipe
    counts: Counts
    report: Report | None = None
    """`GET …/report` shows it as a page."""
    error: DatasetError | None
    created_at: datetime
    ready_at: datetime | None


class DatasetAnswer(Answer):
    object: Literal["dataset"] = "dataset"
    name: str
    versions: int
    newest: DatasetVersionAnswer | None
    created_at: datetime


class DecisionLine(Answer):
    """One line of `GET …/decisions`. `detail` holds figures and lines, never text."""

    line: int
    decision: Decided
    reason: str | None
    detail: str | None
    findings: list[str] = Field(default_factory=list)
    split: Split | None = None
    kind: Kind = "uploaded"
    parent_line: int | None = None
