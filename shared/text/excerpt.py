"""Passages of a text that are read as one, and where each word of them stands in the text."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from shared.text.spans import Span


class Excerpt:
    """`spans` of `source`, in the order in which they are read; `text` is all of them together.

    Not changed after construction.
    """

    def __init__(self, source: str, spans: Iterable[Span]) -> None:
        self.source = source
        self.spans = _joined(spans)
        self.text = "".join(span.of(source) for span in self.spans)
        lengths = (span.end - span.start for span in self.spans)
        self._begins = list(accumulate(lengths, initial=0))

    def part(self, spans: Iterable[Span]) -> "Excerpt":
        """The excerpt of these spans of `text`."""
        return Excerpt(self.source, (piece for span in spans for piece in self._pieces(span)))

    def _pieces(self, span: Span) -> Iterator[Span]:
        place = bisect_right(self._begins, span.start) - 1
        start = span.start
        while start < span.end:
            end = min(span.end, self._begins[place + 1])
            moved = self.spans[place].start - self._begins[place]
            yield Span(start + moved, end + moved)
            start, place = end, place + 1


def excerpt_without(source: str, withheld: Iterable[Span]) -> Excerpt:
    """All of the text but those spans, which are in order and disjoint."""
    spans, start = [], 0
    for span in withheld:
        spans.append(Span(start, span.start))
        start = span.end
    return Excerpt(source, [*spans, Span(start, len(source))])


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Without empty ones; those that follow upon each other are one."""
    joined: list[Span] = []
    for span in spans:
        if span.end <= span.start:
            continue
        if joined and joined[-1].end == span.start:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)
