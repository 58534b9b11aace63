"""Passages of a note that speak to a language model rather than to a reader of the note.

A note is data: no clinician writes `ignore all previous instructions` to a colleague, so such a
passage is withheld from every model, and a summary that answers it is found out by what only it
holds. Rules, precise on purpose: clinical notes are full of imperatives. Linear in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from shared.text import instruction_cues
from shared.text.chat_turns import chat_turns
from shared.text.disguises import View, encoded, spaced_out, views
from shared.text.instruction_signs import orders
from shared.text.sentences import sentence_spans
from shared.text.spans import Span

_STRONG = re.compile("|".join(instruction_cues.STRONG), re.MULTILINE)
_ENDS_OPEN = re.compile(
    r"(?:[:\u2014-]|\b(?:following|below|exactly|say|with|print|output|write|reply|respond|"
    r"and|word|"
    r"code|token|phrase|then|only))[\"'*\s]*\Z",
    re.IGNORECASE,
)
_PAIRS = re.compile(
    r"(?i)<\|im_start\|>|\[inst\]|<<sys>>|<start_of_turn>|<(?:system|assistant|"
    r"instructions?|prompt)>"
)
_CLOSING = re.compile(
    r"(?i)<\|im_end\|>|\[/inst\]|<</sys>>|<end_of_turn>|</(?:system|assistant|"
    r"instructions?|prompt)>"
)
_QUOTES = re.compile('["\u201c\u201d]')
_CODE = re.compile(r"\W{0,8}(?:[A-Z]{3,20}[-_][A-Z0-9_-]{3,}|[A-Z]{3,20}\d{3,})")
_PAIR_REACH = 2_000
"""So far from an opening mark its closing one is looked for."""
_LEADING = ' \n.!?;:,>)]"-'
"""What a cue may have before it without being of its sentence."""
_LINE_REACH = 400
"""So much of the rest of its line goes with a passage that begins the line."""
_MARGIN = 20
_ANSWER_GIVEN = re.compile(
    r"\W{0,4}(?:summary|answer|response|output|final answer|result) ?: ?[^\n]{1,80}\Z",
    re.IGNORECASE,
)
"""Beside an order it is the answer that is to be given; by itself it is a heading."""
_STOPS = ".!?\u3002\uff01\uff1f\u2026"
_MOST_AFTER = 12
"""So many sentences may go on with an order."""


def instruction_spans(text: str) -> list[Span]:
    """The passages in order: disjoint, whole sentences or lines, with what they quote or command.

    A sentence next to one of them goes with it where it carries on: the line that is to be
    printed, what stands in its quotation marks or tags, or a further order (`Say nothing else.`).
    """
    hits = sorted(_hits(text))
    if not hits:
        return []
    units = sentence_spans(text)
    starts = [unit.start for unit in units]
    taken: set[int] = set()
    for hit in hits:
        first = max(bisect_right(starts, hit.start) - 1, 0)
        last = max(bisect_right(starts, hit.end - 1) - 1, first)
        reach = _pair_end(text, hit)
        while last + 1 < len(units) and units[last + 1].start < reach:
            last += 1
        taken.update(range(first, last + 1))
    for place in sorted(taken):
        taken.update(_carried_on(text, units, place))
    return _merged(units, sorted(taken))


def _hits(text: str) -> Iterator[Span]:
    for view in views(text):
        yield from _cues(view)
    for match in instruction_cues.SHOUTED.finditer(text):
        if not match.group()[:-5].isupper():
            yield Span(match.end() - len(match.group().lstrip(_LEADING)), match.end())
    for span, letters in spaced_out(text):
        if instruction_cues.SPELLED.search(letters):
            yield span
    for span, inner in encoded(text):
        if any(_STRONG.search(view.text) for view in views(inner)):
            yield span


def _cues(view: View) -> Iterator[Span]:
    for match in _STRONG.finditer(view.text):
        start = match.end() - len(match.group().lstrip(_LEADING))
        yield view.span(min(start, match.end() - 1), match.end())
    for begin, end in (*orders(view), *chat_turns(view.text)):
        yield view.span(begin, end)


def _pair_end(text: str, hit: Span) -> int:
    """Where the tag that the hit opens is closed; its own end where it opens none."""
    if not _PAIRS.search(text, hit.start, hit.end):
        return hit.end
    closing = _CLOSING.search(text, hit.end, hit.end + _PAIR_REACH)
    return closing.end() if closing else hit.end


def _carried_on(text: str, units: Sequence[Span], place: int) -> Iterator[int]:
    """The sentences after and before `place` that go on with it."""
    quoted = False
    owned = _line_end(text, units[place]) if _begins_line(text, units[place]) else -1
    for after in range(place + 1, min(place + 1 + _MOST_AFTER, len(units))):
        before, unit = units[after - 1], units[after]
        opened = quoted != (len(_QUOTES.findall(before.of(text))) % 2 == 1)
        on = opened or unit.start < owned or _is_open(text, before, unit)
        if not (on or _goes_on(unit.of(text))):
            break
        if _begins_line(text, unit) and on:
            owned = _line_end(text, unit)
        quoted = opened
        yield after
    for earlier in range(place - 1, max(place - 3, -1), -1):
        if not _goes_on(units[earlier].of(text)):
            break
        yield earlier


def _begins_line(text: str, unit: Span) -> bool:
    """Whether nothing but white space stands before it on its line."""
    start = max(
        text.rfind("\n", max(0, unit.start - _MARGIN), unit.start) + 1, unit.start - _MARGIN
    )
    return not text[start : unit.start].strip()


def _line_end(text: str, unit: Span) -> int:
    """Where its last line ends; no further than a few sentences go."""
    end = text.find("\n", unit.end, unit.end + _LINE_REACH)
    return end if end >= 0 else min(len(text), unit.end + _LINE_REACH)


def _is_open(text: str, before: Span, unit: Span) -> bool:
    """Whether the first of two neighbours leaves something to be said by the second."""
    if _ENDS_OPEN.search(text, max(before.start, before.end - 40), before.end):
        return True
    between = text[before.end : unit.start]
    return text[before.end - 1] not in _STOPS and between.count("\n") == 1


def _goes_on(unit: str) -> bool:
    return bool(
        _CODE.match(unit)
        or _ANSWER_GIVEN.match(unit)
        or any(instruction_cues.FOLLOWS.match(v.text) for v in views(unit))
    )


def _merged(units: Sequence[Span], places: Sequence[int]) -> list[Span]:
    """Neighbours as one span."""
    spans: list[Span] = []
    before = -2
    for place in places:
        if place == before + 1:
            spans[-1] = Span(spans[-1].start, units[place].end)
        else:
            spans.append(units[place])
        before = place
    return spans
