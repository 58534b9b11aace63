"""Evaluations: the same report for every route."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.schemas.base import Answer, Body
from shared.schemas.datasets import VERSION_NAME, Split
from shared.schemas.summaries import MODEL_VERSION, PROMPT_VERSION
from shared.schemas.training import JobError, NoteType

CANDIDATE = rf"{MODEL_VERSION}|{PROMPT_VERSION}|^extractive$|^production$|^prompt$"
"""`prompt`: the note type's own prompt on the prompt model."""
Metric = Literal["rouge1", "rouge2", "rougeL", "rougeLsum"]
METRICS = (
    "rouge1",
    "rouge2",
    "rougeL",
    "rougeLsum",
    "support",
    "numbers",
    "entities",
    "coverage",
    "novelty",
    "words",
)
"""ROUGE F1 in percent; `support` from 0 to 1; `numbers`, `entities`: share of summaries without a
number, or a name of a drug or problem, that the source lacks; `coverage`: share of the source that
was read; `novelty`: share of bigrams that the source lacks; `words`: length."""


class EvaluationRequest(Body):
    """`POST /v1/evaluations`."""

    note_type: NoteType
    candidates: list[Annotated[str, StringConstraints(pattern=CANDIDATE)]] = Field(
        min_length=1, max_length=8
    )
    dataset: Annotated[str, StringConstraints(pattern=VERSION_NAME)]
    split: Split = "test"
    limit: int | None = Field(None, ge=1, le=100_000)
    """At most so many examples, the same for every candidate."""
    metric: Metric = "rougeL"
    """What the gate looks at beside faithfulness."""


class Estimate(Answer):
    """A mean with its bootstrap 95 % interval."""

    value: float
    low: float
    high: float


class CandidateFigures(Answer):
    """One candidate or baseline over the same examples."""

    name: str
    """`models:/T/V`, …; baselines: `lead`, `copy_nearest`, `constant`."""
    role: Literal["candidate", "production", "baseline"]
    examples: int
    failed: int = 0
    """Documents that got no summary; they count as empty ones."""
    scores: dict[str, Estimate]
    """Metric → mean."""
    routes: dict[str, int] = Field(default_factory=dict)
    """How its documents were really made: a version that stepped down shows it here."""
    input_tokens: float | None = None
    output_tokens: float | None = None
    """A document."""
    seconds: float | None = None
    """A document, of one worker's time: what its pass through the model and the checks took, shared
    out among the documents of the pass by their tokens; not loading the model, nor waiting."""
    memory_bytes: int | None = None
    """Of the worker's process after such a pass, all that it has loaded; the highest seen."""


class Difference(Answer):
    """A candidate beside production, or in the asked metric beside the best baseline, paired.

    Of the same examples, item by item: its interval is narrower than that of either mean.
    """

    candidate: str
    beside: str
    metric: str
    difference: Estimate


class Slice(Answer):
    """The same figures over a part of the examples."""

    by: Literal["note_type", "length", "time", "site"]
    value: str
    candidate: str
    examples: int
    scores: dict[str, float]


class Figures(Answer):
    """All of an evaluation's report that quotes nothing."""

    examples: int
    excluded: int
    """Examples left out since a candidate, its base or its teacher was trained on their group."""
    leak_free: int
    """Of the examples, those unlike anything that a candidate was trained on."""
    candidates: list[CandidateFigures]
    leak_free_candidates: list[CandidateFigures] = Field(default_factory=list)
    differences: list[Difference] = Field(default_factory=list)
    slices: list[Slice] = Field(default_factory=list)
    remarks: list[str] = Field(default_factory=list)
    """In words: what the figures say."""


class Case(Answer):
    candidate: str
    kind: Literal["best", "worst"]
    line: int
    score: float
    source: str
    reference: str
    summary: str


class Cases(Answer):
    cases: list[Case] = Field(default_factory=list)


class EvaluationAnswer(Answer):
    object: Literal["evaluation"] = "evaluation"
    id: str
    status: Literal["queued", "running", "ready", "failed"]
    note_type: str
    candidates: list[str]
    production: str | None
    dataset: str
    split: Split
    limit: int | None
    metric: Metric
    run: str | None
    step: str | None
    percentage_done: float | None
    batches: dict[str, str]
    figures: Figures | None
    cases: list[Case] | None
    """Quotes examples; left out of lists."""
    error: JobError | None
    created_at: datetime
    ready_at: datetime | None
