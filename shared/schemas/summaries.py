"""Summaries: text, evidence, how it came to be."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.checks.finding import CheckName
from shared.schemas.base import Answer, Body

Route = Literal["fine_tuned", "prompt", "extractive"]
Reason = Literal[
    "production_model",
    "requested",
    "no_fine_tuned_model",
    "no_model_version",
    "model_unavailable",
    "model_unusable",
    "no_prompt_model",
    "no_prompt_version",
    "prompt_model_unavailable",
    "prompt_model_unusable",
    "empty_output",
    "repeated_output",
    "prompt_echo",
    "failed_checks",
    "language_not_supported",
    "remote_not_permitted",
]
"""Why this route and not a better one."""
Verdict = Literal["accepted", "edited", "rejected"]
ReviewState = Literal["none", "accepted", "edited", "rejected", "excluded"]
"""`excluded`: made for an evaluation, so that no one is asked about it."""
MODEL_VERSION = r"^models:/[a-z][a-z0-9_]{0,63}/[1-9][0-9]{0,8}$"
PROMPT_VERSION = r"^prompts:/[a-z][a-z0-9_]{0,63}/[1-9][0-9]{0,8}$"
"""How a version is named: `prompts:/discharge/3`."""


class Evidence(Answer):
    """Half-open, in Unicode code points of the document's text."""

    start: int
    end: int
    section: str | None = None


class Issue(Answer):
    """A finding about a sentence: `text` at [`start`, `end`) of the summary's text."""

    check: CheckName
    text: str
    start: int
    end: int


class Sentence(Answer):
    text: str
    supported: bool
    support: float = Field(ge=0.0, le=1.0)
    evidence: list[Evidence] = Field(default_factory=list)
    issues: list[Issue] = Field(default_factory=list)


class Quality(Answer):
    coverage: float = Field(ge=0.0, le=1.0)
    """Share of the source's tokens that the route read."""
    unsupported_sentences: int
    number_mismatches: int
    dropped_sentences: int = 0
    """Sentences of the model that the note type's policy took out; `…/explain` shows them."""
    not_checked: list[CheckName] = Field(default_factory=list)
    """Checks that have no rules for the document's language: no pass."""


class ProducedBy(Answer):
    route: Route
    reason: Reason
    model_version: str | None = None
    prompt_version: str | None = None
    split: str | None = None
    """The split of prompts that chose the prompt version."""


class Usage(Answer):
    input_tokens: int
    output_tokens: int


class Review(Answer):
    state: ReviewState = "none"


class SummaryBody(Answer):
    """The part of a summary that is sealed at rest: every member may quote the patient."""

    text: str
    sentences: list[Sentence]
    quality: Quality
    warnings: list[str] = Field(default_factory=list)


class SummaryAnswer(SummaryBody):
    """A summary as the outside sees it."""

    id: str
    status: Literal["succeeded"] = "succeeded"
    language: str | None = None
    """BCP 47, given or detected."""
    produced_by: ProducedBy
    usage: Usage
    review: Review = Review()
    replaces: str | None = None
    superseded_by: str | None = None
    withdrawn_at: datetime | None = None
    reused_from: str | None = None


class ListedSummary(SummaryAnswer):
    """An item of `GET /v1/summaries`."""

    document_id: str
    note_type: str
    created_at: datetime


class SummaryRequest(Body):
    """`POST /v1/summaries`: one document."""

    text: str = Field(min_length=1)
    custom_id: str | None = Field(None, min_length=1, max_length=512)
    note_type: str | None = Field(None, max_length=64)
    subject: str | None = Field(None, min_length=1, max_length=512)
    language: str | None = Field(None, min_length=1, max_length=64)
    fallback: Literal["any", "prompt", "none"] = "any"
    reuse: Literal["none", "same_version"] = "none"
    route: Route | None = None
    model_version: str | None = Field(None, pattern=MODEL_VERSION)
    prompt_version: str | None = Field(None, pattern=PROMPT_VERSION)
    metadata: dict[str, str] = Field(default_factory=dict, max_length=16)


class PendingSummary(Answer):
    """The answer while the document waits: look at `batch_id` or ask for the document again."""

    status: Literal["queued", "running", "failed", "rejected", "cancelled", "expired"]
    document_id: str
    batch_id: str
    error_code: str | None = None
