"""A text that may become a summary, and how it came to be."""

from dataclasses import dataclass

from shared.documents.ledger import Claim
from shared.note_types.shipped import NoteType
from shared.prompts.divide import Side
from shared.prompts.prompt import Prompt
from shared.registry.queries import ServingVersion
from shared.schemas.explanations import Part
from shared.schemas.summaries import ProducedBy, Usage
from workers.summarization.examples import Chosen


@dataclass(frozen=True, slots=True)
class ClaimedText:
    """A claimed document, its text, and what its tenant says about such documents."""

    claim: Claim
    text: str
    note_type: NoteType
    remote_permitted: bool
    """Whether the text may go to a prompt server."""
    language: str | None = None
    """BCP 47, given or detected."""
    serving: ServingVersion | None = None
    """The version that is asked for, else the one in production; None: there is none."""
    prompt: Prompt | None = None
    """Likewise: asked for, or its side of a split, or what serves; None: it is not there."""
    side: Side | None = None
    examples: tuple[Chosen, ...] = ()
    """What its prompt shows, the nearest first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`parts`: what was read to write it."""

    text: str
    produced_by: ProducedBy
    usage: Usage
    parts: tuple[Part, ...] = ()
    warnings: tuple[str, ...] = ()
