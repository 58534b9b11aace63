"""How a summary came to be: `GET /v1/summaries/{id}/explain`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import Answer
from shared.schemas.note_types import PolicyAnswer
from shared.schemas.summaries import Issue, ProducedBy, Reason, Route


class Range(Answer):
    """Half-open, in Unicode code points of the document's text."""

    start: int
    end: int


class LadderStep(Answer):
    """One way that was tried or passed over, in the order fine-tuned, prompt, extractive."""

    route: Route
    outcome: Literal["used", "passed_over", "stepped_down", "retried"]
    reason: Reason
    text: str | None = None
    """What it wrote, where that was not good enough."""


class Part(Answer):
    """What one call of the model read."""

    ranges: list[Range]
    input_tokens: int
    output_tokens: int
    examples: list[int] = Field(default_factory=list)
    """Lines of the prompt's dataset version that it was shown, in that order."""
    strictness: int = 0
    """How many attempts of the same prompt came before it."""


class DroppedSentence(Answer):
    """A sentence of the model that the note type's policy took out; offsets within it."""

    text: str
    supported: bool
    support: float
    issues: list[Issue] = Field(default_factory=list)


class Trace(Answer):
    """What is kept, sealed, of how a summary came to be."""

    steps: list[LadderStep] = Field(default_factory=list)
    parts: list[Part] = Field(default_factory=list)
    withheld: list[Range] = Field(default_factory=list)
    """Passages addressed to a model rather than to a reader; none was given them."""
    dropped: list[DroppedSentence] = Field(default_factory=list)
    seconds: float | None = None
    """Its share, by tokens, of the pass that made it: model and checks, without waiting."""
    memory_bytes: int | None = None
    """Of the worker's process after that pass, with all that it has loaded."""


class ExplainedSection(Answer):
    title: str
    level: int
    start: int
    end: int


class ExplainedEvidence(Answer):
    start: int
    end: int
    section: str | None
    text: str


class ExplainedSentence(Answer):
    text: str
    supported: bool
    support: float
    evidence: list[ExplainedEvidence]
    issues: list[Issue]


class Turn(Answer):
    role: str
    content: str


class ExplainedPart(Part):
    """`prompt` is what the model was given, word for word; empty where none was asked."""

    prompt: list[Turn] = Field(default_factory=list)


class Explanation(Answer):
    object: Literal["explanation"] = "explanation"
    summary_id: str
    document_id: str
    note_type: str
    language: str | None
    produced_by: ProducedBy
    withdrawn_at: datetime | None = None
    warnings: list[str] = Field(default_factory=list)
    """Of the summary."""
    steps: list[LadderStep]
    sections: list[ExplainedSection]
    """Of the source, as they were found."""
    parts: list[ExplainedPart]
    withheld: list[Range]
    sentences: list[ExplainedSentence]
    dropped: list[DroppedSentence]
    policy: PolicyAnswer
