"""A person's word on a summary."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from shared.schemas.base import Answer, Body
from shared.schemas.summaries import SummaryAnswer, Verdict

MAX_CHARACTERS = 100_000
Selection = Literal["random", "flagged"]
"""Of what waits for a review: any, or the newest with a finding."""


class ReviewRequest(Body):
    """`text` is the corrected summary: with `edited`, and only then."""

    verdict: Verdict
    text: str | None = Field(None, min_length=1, max_length=MAX_CHARACTERS)

    @model_validator(mode="after")
    def _text_belongs_to_an_edit(self) -> Self:
        if (self.text is not None) != (self.verdict == "edited"):
            raise ValueError("`text` comes with the verdict `edited`, and only then")
        if self.text is not None and not self.text.strip():
            raise ValueError("`text` is empty")
        return self


class ReviewAnswer(Answer):
    object: Literal["review"] = "review"
    id: str
    summary_id: str
    verdict: Verdict
    text: str | None = None
    reviewer: str
    """The key that it was sent with."""
    created_at: datetime


class ReviewTask(Answer):
    """`GET /v1/reviews/next`: a summary that no one has reviewed, beside its source."""

    object: Literal["review_task"] = "review_task"
    summary: SummaryAnswer
    document_id: str
    note_type: str
    text: str
    """The document's text."""
    offered_until: datetime
    """Until then no one else is offered it."""
