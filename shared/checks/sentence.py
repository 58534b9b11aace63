"""A sentence of a summary as the checks see it."""

from dataclasses import dataclass

from shared.text.evidence import SentenceEvidence


@dataclass(frozen=True, slots=True)
class Sentence:
    """`evidence` is what it rests on in the source."""

    text: str
    evidence: SentenceEvidence
