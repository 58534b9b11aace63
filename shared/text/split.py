"""Cutting a long note into parts that a model can read.

Sentences stay whole wherever one fits, a heading stays with what follows it, and the parts are of
about one size. `measure` (mostly a token count) may be slow, so it is asked once per sentence, once
per part, and a little more where a sentence or a part has to be cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.text.sections import headings
from shared.text.sentences import sentence_spans
from shared.text.spans import Span, stripped

Measure = Callable[[str], int]
_HEADINGS = 3
"""More in a row are a table of contents or a list, and go with either side."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not cut again: one sentence or a piece of it, with the white space after it."""

    start: int
    end: int
    cost: int
    is_heading: bool = False


def split_by_budget(text: str, budget: int, measure: Measure) -> list[Span]:
    """Consecutive parts whose measure is at most `budget`; together all that is not white space.

    A sentence above the budget is cut at white space, a word above it between characters. Raises
    ValueError where even a single character is above the budget.
    """
    sentences = sentence_spans(text)
    if not sentences:
        return []
    whole = Span(sentences[0].start, sentences[-1].end)
    if measure(whole.of(text)) <= budget:
        return [whole]
    overhead = measure("")
    labels = {heading.span.start for heading in headings(text)}
    units: list[_Unit] = []
    for sentence, after in pairwise([*sentences, Span(len(text), len(text))]):
        cost = measure(text[sentence.start : after.start]) - overhead
        unit = _Unit(sentence.start, after.start, cost, sentence.start in labels)
        units += _cut(text, unit, budget - overhead, lambda part: measure(part) - overhead)
    return [
        part
        for start, end in _packed(units, budget - overhead)
        for part in _fitting(text, units[start:end], budget, measure)
    ]


def _cut(text: str, unit: _Unit, room: int, cost: Measure) -> list[_Unit]:
    """Halves of halves, until each fits."""
    if unit.cost <= room:
        return [unit]
    bare = stripped(text, unit.start, unit.end)
    if cost(bare.of(text)) <= room:
        return [_Unit(unit.start, unit.end, room)]
    if bare.end - bare.start <= 1:
        raise ValueError("The budget is below the measure of a single character.")
    middle = _middle(text, bare)
    halves = ((unit.start, middle), (middle, unit.end))
    return [
        piece
        for start, end in halves
        for piece in _cut(text, _Unit(start, end, cost(text[start:end])), room, cost)
    ]


def _middle(text: str, span: Span) -> int:
    """The end of the white space nearest to the middle; the middle itself where there is none."""
    middle = (span.start + span.end) // 2
    for distance in range(middle - span.start):
        for place in (middle + distance, middle - distance):
            if span.start < place < span.end and text[place - 1].isspace():
                return place
    return middle


def _packed(units: Sequence[_Unit], room: int) -> list[tuple[int, int]]:
    """As few parts as the room allows, the largest as small as that number allows."""
    best = _filled(units, room)
    low, high = max(unit.cost for unit in units), room
    while low < high:
        capacity = (low + high) // 2
        parts = _filled(units, capacity)
        if len(parts) <= len(best):
            best, high = parts, capacity
        else:
            low = capacity + 1
    return best


def _filled(units: Sequence[_Unit], capacity: int) -> list[tuple[int, int]]:
    """Greedy: each part takes what it can hold, but for headings at its end."""
    parts, start, cost = [], 0, 0
    for place, unit in enumerate(units):
        if cost + unit.cost > capacity and place > start:
            end = _before_headings(units, start, place, capacity - unit.cost)
            parts.append((start, end))
            start, cost = end, sum(held.cost for held in units[end:place])
        cost += unit.cost
    return [*parts, (start, len(units))]


def _before_headings(units: Sequence[_Unit], start: int, end: int, room: int) -> int:
    """Where a part ends that leaves its last headings, if there is room, to the next part."""
    cut = end
    while cut - 1 > start and end - cut <= _HEADINGS and units[cut - 1].is_heading:
        cut -= 1
    fits = end - cut <= _HEADINGS and sum(held.cost for held in units[cut:end]) <= room
    return cut if fits else end


def _fitting(text: str, units: Sequence[_Unit], budget: int, measure: Measure) -> list[Span]:
    """The part, or its halves where the whole measures more than its sentences did."""
    part = stripped(text, units[0].start, units[-1].end)
    if len(units) == 1 or measure(part.of(text)) <= budget:
        return [part]
    middle = len(units) // 2
    return [
        *_fitting(text, units[:middle], budget, measure),
        *_fitting(text, units[middle:], budget, measure),
    ]
