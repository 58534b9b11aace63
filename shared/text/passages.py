"""Which sentences of a source to show for what a sentence of a summary says."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.text.spans import Span

MAX_PASSAGES = 3
"""More are chosen only where a number, a side or a drug stands nowhere among them."""
_MIN_GAIN = 0.08
"""A further source sentence has to cover this share of the summary sentence by itself."""
_PHRASE_SHARE = 0.3
"""Weight of neighbours that stay together, relative to the words themselves."""
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Term:
    """What a summary sentence says, and the source sentences (`holders`) that say it.

    `essential`: a number, a side or a drug; the evidence has to hold it.
    """

    weight: float
    holders: Collection[int]
    quality: float = 1.0
    essential: bool = False


def choose(terms: Sequence[Term], total: float, sentences: Sequence[Span]) -> list[int]:
    """Indexes of source sentences: those that cover most, then those that essential terms need."""
    chosen: list[int] = []
    missing = terms
    while missing and len(chosen) < MAX_PASSAGES:
        gains = _gains(missing)
        most = max(gains.values(), default=0.0)
        if most < _MIN_GAIN * total:
            break
        chosen.append(_nearest((p for p in gains if gains[p] >= most - _EQUAL), chosen, sentences))
        missing = [term for term in missing if chosen[-1] not in term.holders]
    essential = [term for term in missing if term.essential and term.holders]
    gains, covering = _gains(essential), tuple(chosen)
    for term in essential:
        if not is_held(term, chosen):
            most = max(gains[place] for place in term.holders)
            best = (place for place in term.holders if gains[place] >= most - _EQUAL)
            chosen.append(_nearest(best, covering, sentences))
    return chosen


def _gains(missing: Sequence[Term]) -> dict[int, float]:
    """The weight of the missing terms that each source sentence holds."""
    gains: dict[int, float] = defaultdict(float)
    for term in missing:
        for place in term.holders:
            gains[place] += term.weight * term.quality
    return gains


def _nearest(places: Iterable[int], chosen: Sequence[int], sentences: Sequence[Span]) -> int:
    """The nearest to what is chosen, rather after it, as an answer is; then the shortest."""

    def order(place: int) -> tuple[tuple[int, bool], int, int]:
        apart = min(((abs(place - other), place < other) for other in chosen), default=(0, False))
        span = sentences[place]
        return apart, span.end - span.start, place

    return min(places, key=order)


def with_phrases(covered: float, said: Sequence[Term], chosen: Sequence[int]) -> float:
    """The coverage together with the share of neighbours that a chosen sentence holds together."""
    together = total = 0.0
    for left, right in pairwise(said):
        if left is right:
            continue
        weight = min(left.weight, right.weight)
        total += weight
        if any(place in left.holders and place in right.holders for place in chosen):
            together += weight
    if not total:
        return covered
    return (covered + _PHRASE_SHARE * together / total) / (1 + _PHRASE_SHARE)


def is_held(term: Term, chosen: Sequence[int]) -> bool:
    return any(place in term.holders for place in chosen)
