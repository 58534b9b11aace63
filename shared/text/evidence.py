"""Which sentences of the source a sentence of a summary rests on, and how firmly.

Lexical: the share of a summary sentence's content words and numbers, weighted by how rare they are
in the source, that up to three whole source sentences hold between them. It follows wording, not
meaning: a negation lost or two facts exchanged leave it high.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass

from shared.text.numbers import KnownNumbers, numbers
from shared.text.sections import headings, section_at
from shared.text.sentences import sentence_spans
from shared.text.spans import Span
from shared.text.words import content_words, words

SUPPORTED = 0.60
"""Support from which a sentence counts as supported.

Set on 1,013 sentences of MTSamples training references: it keeps 98.9 % beside their own report and
1.2 % beside another's (1.7 % beside another of the same specialty). Where references paraphrase
more freely it keeps fewer: 45 % on MTS-Dialog, whose references also hold facts the dialogue lacks.
"""
MAX_PASSAGES = 3
_MIN_GAIN = 0.08
"""A further source sentence has to cover this share of the summary sentence by itself."""
_NUMBER_WEIGHT = 2.0
"""A number counts as much as this many words."""
_NUMBER = "#"
_NONE: set[int] = set()
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class SentenceEvidence:
    """`support` is 0..1; `spans` are whole source sentences, in the order of the source."""

    support: float
    spans: tuple[Span, ...]

    @property
    def supported(self) -> bool:
        """Whether the source holds enough of the sentence to stand for it."""
        return self.support >= SUPPORTED


class SourceIndex:
    """A source, read once for all the sentences of its summary. Not changed after construction."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sentences = sentence_spans(text)
        self.headings = headings(text)
        found = numbers(text)
        self.numbers = KnownNumbers(found)
        self._holders: dict[str, set[int]] = defaultdict(set)
        for place, sentence in enumerate(self.sentences):
            section = self.section_at(sentence.start) or ""
            for term in content_words(f"{section} {sentence.of(text)}"):
                self._holders[term].add(place)
        for number in found:
            place = bisect_right(self.sentences, number.span.start, key=_start) - 1
            for value in (number.value, *number.parts):
                self._holders[_number_term(value)].add(place)

    def section_at(self, position: int) -> str | None:
        """The heading that a place of the source lies under."""
        return section_at(self.headings, position)

    def holders(self, term: str) -> set[int]:
        """The indexes of the sentences that hold a term, under a heading that holds it included."""
        return self._holders.get(term, _NONE)

    def weight(self, term: str) -> float:
        """Inverse sentence frequency; a term that the source lacks weighs like its rarest."""
        rarity = math.log(1 + len(self.sentences) / (len(self.holders(term)) or 1))
        return rarity * (_NUMBER_WEIGHT if term.startswith(_NUMBER) else 1.0)


def find_evidence(sentence: str, index: SourceIndex) -> SentenceEvidence:
    """The best up to three source sentences for one sentence of a summary, chosen greedily."""
    weights = {term: index.weight(term) for term in _terms(sentence)}
    total = sum(weights.values())
    if not total:
        return SentenceEvidence(0.0, ())
    open_terms, chosen = set(weights), []
    for _ in range(MAX_PASSAGES):
        place, gain = _best(open_terms, weights, index)
        if gain < _MIN_GAIN * total:
            break
        chosen.append(place)
        open_terms = {term for term in open_terms if place not in index.holders(term)}
    support = 1 - sum(weights[term] for term in open_terms) / total
    return SentenceEvidence(support, tuple(index.sentences[place] for place in sorted(chosen)))


def _terms(sentence: str) -> set[str]:
    plain = set(content_words(sentence)) or set(words(sentence))
    return plain | {_number_term(number.value) for number in numbers(sentence)}


def _number_term(value: str) -> str:
    return _NUMBER + value


def _best(open_terms: set[str], weights: dict[str, float], index: SourceIndex) -> tuple[int, float]:
    """The sentence that covers most of what is open; of equals the shortest, then the first."""
    gains: dict[int, float] = defaultdict(float)
    for term in sorted(open_terms):
        for place in index.holders(term):
            gains[place] += weights[term]
    if not gains:
        return 0, 0.0
    most = max(gains.values())
    equals = (place for place, gain in gains.items() if gain >= most - _EQUAL)
    return min(equals, key=lambda place: (_length(index.sentences[place]), place)), most


def _length(span: Span) -> int:
    return span.end - span.start


def _start(span: Span) -> int:
    return span.start
