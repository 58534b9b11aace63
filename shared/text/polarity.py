"""What each sentence of a source affirms and denies, found by its words."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.text.answers import Answer, Utterance, utterances
from shared.text.context import Reading, read_context
from shared.text.spans import Span

_CONTEXT = 0.5
"""How much the rest of the sentence counts beside the item that is looked for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How well the source affirms and denies an item, at best, each 0 to 1."""

    affirmed: float
    denied: float


class Polarity:
    """A source, read once. `sentences` are its spans, in order."""

    def __init__(self, text: str, sentences: Sequence[Span]) -> None:
        self.readings: list[Reading] = []
        self._affirming: dict[str, set[int]] = defaultdict(set)
        self._denying: dict[str, set[int]] = defaultdict(set)
        self._holding: dict[str, set[int]] = defaultdict(set)
        for place, utterance in enumerate(utterances(text, sentences)):
            read = read_context(text, utterance.span.start, utterance.span.end)
            reading = _answered(read, utterance)
            self.readings.append(reading)
            for term in reading.affirmed:
                self._affirming[term].add(place)
            for term in reading.denied:
                self._denying[term].add(place)
            for term in read.affirmed | read.denied:
                self._holding[term].add(place)

    def weight(self, term: str) -> float:
        """Inverse sentence frequency."""
        return math.log(1 + len(self.readings) / (len(self._holding.get(term, ())) or 1))

    def total(self, terms: Iterable[str]) -> float:
        """The weight of the terms together."""
        return sum(map(self.weight, terms))

    def alignment(self, terms: Iterable[str]) -> Mapping[int, float]:
        """For the sentences that hold any of the terms: the share of the weight they hold."""
        weights = {term: self.weight(term) for term in terms}
        total = sum(weights.values()) or 1.0
        return _shares(weights, total, self._holding)

    def affirmed(self, terms: Iterable[str]) -> Mapping[int, float]:
        """For the sentences that affirm any of the terms: the share of all weight that they do."""
        weights = {term: self.weight(term) for term in terms}
        return _shares(weights, sum(weights.values()), self._affirming)

    def standing(self, item: Sequence[str], alignment: Mapping[int, float]) -> Standing:
        """How far the item is affirmed and denied by the sentence that does it best."""
        known = {term: self.weight(term) for term in item if term in self._holding}
        total = sum(known.values())
        if not total:
            return Standing(0.0, 0.0)
        return Standing(
            _best(known, total, self._affirming, alignment),
            _best(known, total, self._denying, alignment),
        )


def _best(
    weights: Mapping[str, float],
    total: float,
    places: Mapping[str, set[int]],
    alignment: Mapping[int, float],
) -> float:
    return max(
        (
            share + _CONTEXT * alignment.get(place, 0.0)
            for place, share in _shares(weights, total, places).items()
        ),
        default=0.0,
    )


def _shares(
    weights: Mapping[str, float], total: float, places: Mapping[str, set[int]]
) -> Mapping[int, float]:
    """By sentence, the share of the weight that stands at its place."""
    shares: dict[int, float] = defaultdict(float)
    for term, weight in weights.items():
        for place in places.get(term, ()):
            shares[place] += weight / total
    return shares


def _answered(read: Reading, utterance: Utterance) -> Reading:
    """A question affirms nothing; its answer may."""
    if utterance.answer is Answer.SAID:
        return read
    said = [item for item in read.items if item.span.end <= utterance.asks_at]
    asked = Reading.of(item for item in read.items if item.span.end > utterance.asks_at)
    if utterance.answer is Answer.NO:
        said += asked.answered_no().items
    elif utterance.answer is Answer.YES:  # `no fever? right.` denies it
        said += asked.items
    return Reading.of(said)
