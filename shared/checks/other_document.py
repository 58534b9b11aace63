"""Sentences of a summary that another document supports, and not its own."""

from collections.abc import Sequence

from shared.checks.finding import Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.evidence import find_evidence

_MARGIN = 0.3
"""By so much of its content another document has to hold more of a sentence than its own does."""
_DOUBTFUL = 0.7
"""A sentence that its own document supports as far as this is not looked up in others."""


def other_document(sentence: Sentence, others: Sequence[Source]) -> list[Finding]:
    """One finding on the whole sentence where a document of `others` holds clearly more of it."""
    own, said = sentence.evidence.support, sentence.text
    if own >= _DOUBTFUL:
        return []
    for other in others:
        evidence = find_evidence(said, other.index)
        if evidence.supported and evidence.support >= own + _MARGIN:
            return [Finding("other_document", said, 0, len(said))]
    return []
