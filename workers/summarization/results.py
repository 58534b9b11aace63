"""What comes of a claimed document."""

from dataclasses import dataclass

from shared.documents.complete import Failed, Summarized
from shared.documents.ledger import Claim
from shared.schemas.summaries import Reason


@dataclass(frozen=True, slots=True)
class Retried:
    """A document to be tried again after an error of its own."""

    claim: Claim
    pause_seconds: float


@dataclass(frozen=True, slots=True)
class Postponed:
    """A document that waits for a sick model, through no fault of its own."""

    claim: Claim
    pause_seconds: float


Result = Summarized | Failed | Retried | Postponed


UNANSWERED: frozenset[Reason] = frozenset(("prompt_model_unavailable", "model_unavailable"))
"""Reasons for a lower route that say that a model did not answer."""


def is_unanswered(result: Result) -> bool:
    """Whether it is what comes of a model that did not answer."""
    if isinstance(result, Summarized):
        return result.produced_by.reason in UNANSWERED
    return isinstance(result, Postponed)
