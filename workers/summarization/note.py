"""A claimed document as models and extracts may read it, and as the checks see it."""

from dataclasses import replace
from functools import cached_property

from shared.checks.source import Source
from shared.schemas.explanations import Range
from shared.text.evidence import SourceIndex
from shared.text.excerpt import Excerpt, excerpt_without
from shared.text.language import detect
from shared.text.language_tags import primary_subtag
from shared.text.spans import Span
from workers.summarization.draft import ClaimedText


class Note:
    """Read once, whatever number of routes it takes. Its language is given, else detected."""

    def __init__(self, claimed: ClaimedText) -> None:
        self.claimed = _with_language(claimed)
        self.claim = claimed.claim
        self.note_type = claimed.note_type
        self.language = self.claimed.language

    @property
    def withheld(self) -> tuple[Span, ...]:
        """Passages addressed to a model rather than to a reader: none is given them."""
        return self.facts.withheld.spans

    @cached_property
    def readable(self) -> Excerpt:
        """What may be read."""
        return excerpt_without(self.claimed.text, self.withheld)

    @property
    def is_readable(self) -> bool:
        """False where everything that it says is withheld."""
        return not self.withheld or any(map(str.isalnum, self.readable.text))

    @property
    def coverage(self) -> float:
        """Share of the document, white space aside, that may be read."""
        whole = _weight(self.claimed.text)
        return round(_weight(self.readable.text) / whole, 4) if whole else 1.0

    @cached_property
    def facts(self) -> Source:
        """The whole document, for the checks."""
        return Source(SourceIndex(self.claimed.text))


def ranges(spans: tuple[Span, ...]) -> list[Range]:
    """Spans, as answers show them."""
    return [Range(start=span.start, end=span.end) for span in spans]


def known_tag(language: str | None) -> str | None:
    """The tag; None for one that names no language."""
    return None if language is None or primary_subtag(language) is None else language


def _weight(text: str) -> int:
    return sum(map(len, text.split()))


def _with_language(claimed: ClaimedText) -> ClaimedText:
    return replace(claimed, language=known_tag(claimed.language) or detect(claimed.text))
