"""Batches and their results."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.schemas.base import Answer, Body
from shared.schemas.summaries import MODEL_VERSION, PROMPT_VERSION, Route, SummaryAnswer

Priority = Literal["interactive", "normal", "bulk"]
Fallback = Literal["any", "prompt", "none"]
Superseded = Literal["include", "skip"]
Reuse = Literal["none", "same_version"]
BatchStatus = Literal[
    "validating",
    "in_progress",
    "finalizing",
    "completed",
    "failed",
    "cancelling",
    "cancelled",
    "expired",
]
FINAL_BATCH_STATUSES: frozenset[str] = frozenset({"completed", "failed", "cancelled", "expired"})
ResultStatus = Literal["succeeded", "failed", "rejected", "cancelled", "expired"]
Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=64)],
        Annotated[str, StringConstraints(max_length=512)],
    ],
    Field(max_length=16),
]


class BatchParameters(Body):
    """How a submission is to be treated: query parameters, or members of a JSON body."""

    note_type: str | None = Field(None, max_length=64)
    group: str | None = Field(None, max_length=128)
    priority: Priority = "normal"
    fallback: Fallback = "any"
    superseded: Superseded = "include"
    """Whether a FHIR document of status `superseded` is summarized, with a warning."""
    reuse: Reuse = "none"
    """`same_version`: an unchanged text of the same subject, note type and production version
    gets the summary that it has already."""
    route: Route | None = None
    """Begin at this route; `fallback` says how far down it may go from there."""
    model_version: str | None = Field(None, pattern=MODEL_VERSION)
    prompt_version: str | None = Field(None, pattern=PROMPT_VERSION)
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """A version belongs to a route: what is asked for has to be one way."""
        asked = [
            self.route,
            self.model_version and "fine_tuned",
            self.prompt_version and "prompt",
        ]
        if len({route for route in asked if route}) > 1:
            raise ValueError("route, model_version and prompt_version name different routes")
        return self


class RequestCounts(Answer):
    total: int
    queued: int
    running: int
    completed: int
    failed: int
    rejected: int
    cancelled: int
    expired: int


class RouteCounts(Answer):
    fine_tuned: int
    prompt: int
    extractive: int


class Attention(Answer):
    """Something keeps the batch from going on, and a person should know."""

    code: str
    detail: str
    since: datetime


class BatchAnswer(Answer):
    """The batch object."""

    object: Literal["batch"] = "batch"
    id: str
    status: BatchStatus
    group: str | None
    priority: Priority
    request_counts: RequestCounts
    routes: RouteCounts
    note_types: dict[str, int]
    created_at: datetime
    in_progress_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime
    results_expire_at: datetime | None
    estimated_completion_at: datetime | None
    attention: Attention | None
    metadata: dict[str, str]


class GroupAnswer(Answer):
    """The batches of one group, summed."""

    group: str
    batches: int
    request_counts: RequestCounts


class BatchList(Answer):
    """`GET /v1/batches`; with `?group=` also the sums over the whole group."""

    object: Literal["list"] = "list"
    data: list[BatchAnswer]
    has_more: bool = False
    group: GroupAnswer | None = None


class ResultError(Answer):
    """Why a document has no summary."""

    code: str
    message: str
    line: int | None = None


class ResultLine(Answer):
    """One line of `GET /v1/batches/{id}/results`."""

    seq: int
    custom_id: str
    document_id: str
    note_type: str | None = None
    status: ResultStatus
    summary: SummaryAnswer | None = None
    error: ResultError | None = None


class Limits(Answer):
    """What one submission may hold."""

    max_documents: int
    max_body_bytes: int
    max_record_bytes: int
    max_document_characters: int
    max_queued_documents: int | None = None
    """Of a tenant, over all of its batches."""
    requests_per_minute: int | None = None
