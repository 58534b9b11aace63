"""What each sentence of a source affirms and denies, found by its words."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from shared.text.answers import Answer, Utterance, utterances
from shared.text.context import Item, Reading, read_context
from shared.text.spans import Span
from shared.text.synonyms import synonyms
from shared.text.variants import Variants

_CONTEXT = 0.5
"""How much the rest of the sentence counts beside the item that is looked for."""
_MOST_PLACES = 300
"""A word that more sentences hold is looked for in the first ones: it aligns hardly anything."""
_NOTHING = Reading.of(())
_ENTAILED = 0.8
"""How well an item is denied where the source denies more than it."""
_HEADLESS = 0.6
"""How much words count that are affirmed without the one that they say more of: `see you back` says
little of a back pain."""
_ASIDE = 0.3
"""How much a word counts that says where or when, beside one that says what."""


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
        self._denied: dict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
        self._frequency: Counter[str] = Counter()
        said = utterances(text, sentences)
        reads = [read_context(text, span.start, span.end) for span in sentences]
        for place, (read, utterance) in enumerate(zip(reads, said, strict=True)):
            by = utterance.answered_by
            reading = _answered(read, utterance, _NOTHING if by is None else reads[by])
            self.readings.append(reading)
            for item in reading.items:
                meaning = self._denying if item.denied else self._affirming
                for term in item.terms:
                    if len(meaning[term]) < _MOST_PLACES:
                        meaning[term].add(place)
                if item.denied and len(self._denied[item.head]) < _MOST_PLACES:
                    self._denied[item.head].append((place, frozenset(item.terms)))
            for term in read.affirmed | read.denied:
                self._frequency[term] += 1
                if len(self._holding[term]) < _MOST_PLACES:
                    self._holding[term].add(place)

    @cached_property
    def _variants(self) -> Variants:
        return Variants(self._holding)

    def _known(self, term: str) -> str:
        """The word of the source that is meant, where it has another of that meaning or root."""
        if term in self._holding:
            return term
        same = sorted(synonyms([term]).intersection(self._holding))
        return same[0] if same else self._variants.nearest(term) or term

    def weight(self, term: str) -> float:
        """Inverse sentence frequency."""
        return math.log(1 + len(self.readings) / (self._frequency.get(term) or 1))

    def total(self, terms: Iterable[str]) -> float:
        """The weight of the terms together."""
        return sum(map(self.weight, terms))

    def alignment(self, terms: Iterable[str]) -> Mapping[int, float]:
        """For the sentences that hold any of the terms: the share of the weight they hold."""
        weights = {term: self.weight(term) for term in map(self._known, terms)}
        total = sum(weights.values()) or 1.0
        return _shares(weights, total, self._holding)

    def affirmed(self, terms: Iterable[str]) -> Mapping[int, float]:
        """For the sentences that affirm any of the terms: the share of all weight that they do."""
        weights = {term: self.weight(term) for term in terms}
        return _shares(weights, sum(weights.values()), self._affirming)

    def standing(self, item: Item, alignment: Mapping[int, float]) -> Standing:
        """How far an item is affirmed and denied by the sentence that does it best."""
        known: dict[str, float] = {}
        for place, term in enumerate(map(self._known, item.terms)):
            if term in self._holding:
                known.setdefault(term, self.weight(term) * (1 if place < item.heads else _ASIDE))
        total = sum(known.values())
        if not total:
            return Standing(0.0, 0.0)
        denied, head = _best(known, total, self._denying, alignment), self._known(item.head)
        if head in known:
            denied = max(denied, self._denied_with_more(known, head, alignment))
            needed = self._affirming.get(head, set())
        else:
            needed = None
        return Standing(_best(known, total, self._affirming, alignment, needed), denied)

    def _denied_with_more(
        self, terms: Collection[str], head: str, alignment: Mapping[int, float]
    ) -> float:
        """How well it is denied by what denies more: who has no pain has no pain in the eye."""
        return max(
            (
                _ENTAILED + _CONTEXT * alignment.get(place, 0.0)
                for place, denied in self._denied.get(head, ())
                if denied.issubset(terms)
            ),
            default=0.0,
        )


def _best(
    weights: Mapping[str, float],
    total: float,
    places: Mapping[str, set[int]],
    alignment: Mapping[int, float],
    needed: Collection[int] | None = None,
) -> float:
    """Of the places that hold any of the words; those outside `needed` count less."""
    return max(
        (
            share * (1 if needed is None or place in needed else _HEADLESS)
            + _CONTEXT * alignment.get(place, 0.0)
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


def _turned(item: Item) -> Item:
    return replace(item, cue=item.cue or item.span)


def _answered(read: Reading, utterance: Utterance, reply: Reading) -> Reading:
    """A question affirms nothing; its answer may.

    `Any fever, chills or cough?`, answered by `a slight cough`, denies the others.
    """
    if utterance.answer is Answer.SAID:
        return read
    said = [item for item in read.items if item.span.end <= utterance.asks_at]
    asked = Reading.of(item for item in read.items if item.span.end > utterance.asks_at)
    if utterance.answer is Answer.NO:
        said += asked.answered_no().items
    elif len(asked.items) > 1 and not reply.affirmed.isdisjoint(asked.affirmed):
        said += [it for it in asked.answered_no().items if reply.affirmed.isdisjoint(it.terms)]
    elif utterance.answer is Answer.YES:  # `no fever? right.` denies it
        turned = reply.denied - reply.affirmed
        said += [_turned(item) if turned.issuperset(item.terms) else item for item in asked.items]
    return Reading.of(said)
