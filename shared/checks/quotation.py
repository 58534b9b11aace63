"""Sentences that a summary takes over from its source as they stand."""

from shared.checks.sentence import Sentence
from shared.checks.source import Source


def is_quoted(sentence: Sentence, source: Source) -> bool:
    """Whether it is one of its evidence sentences, whole and word for word.

    A part will not do: `pain at night` stands in `no pain at night`.
    """
    said = sentence.text.strip()
    return any(span.of(source.text) == said for span in sentence.evidence.spans)
