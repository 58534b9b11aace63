"""What a summary denies and its source affirms, or the other way round."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from shared.checks.finding import Finding
from shared.checks.quotation import is_quoted
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.context import Item, Reading, read_context
from shared.text.polarity import Polarity
from shared.text.spans import Span

_STATED = 0.6
"""How well the source has to state the contrary, see `Standing`."""
_MARGIN = 0.02
_SAME = 0.6
"""So much of what the source denies has to stand in the sentence to be what it speaks of."""
_ALIGNED = 0.3
_WHEN = re.compile(
    r"\b(?:since|during|while|prior to|prior|before|until)\b[^,.;:]{0,20}$", re.IGNORECASE
)
_DIVIDES = re.compile(r"[,;.]|\b(?:and|but|or)\b", re.IGNORECASE)
_JOINED = re.compile(r"\s+(?:and|or)\s+(?:the\s+)?", re.IGNORECASE)


def negation_mismatch(sentence: Sentence, source: Source) -> list[Finding]:
    """Items whose polarity in the best aligned sentence of the source is the contrary."""
    said = sentence.text
    if said.rstrip().endswith("?") or is_quoted(sentence, source):
        return []
    reading = read_context(said)
    alignment = source.polarity.alignment(reading.affirmed | reading.denied)
    found = dict.fromkeys(
        [
            *_contradicted(said, reading, source.polarity, alignment),
            *_affirmed_in_part(said, reading, source.polarity, alignment),
        ]
    )
    return [
        Finding("negation_mismatch", span.of(said), span.start, span.end) for span in sorted(found)
    ]


def _contradicted(
    said: str, reading: Reading, polarity: Polarity, alignment: Mapping[int, float]
) -> Iterator[Span]:
    subjects = _subjects(said, reading.items)
    for item in reading.items:
        names_part = said.startswith(":", item.span.end) or _says_when(said, item)
        if item in subjects or (not item.denied and names_part):
            continue
        standing = polarity.standing(item, alignment)
        own, contrary = standing.affirmed, standing.denied
        if item.denied:
            own, contrary = contrary, own
        if contrary >= _STATED and contrary > own + _MARGIN:
            yield _whole(item)


def _affirmed_in_part(
    said: str, reading: Reading, polarity: Polarity, alignment: Mapping[int, float]
) -> Iterator[Span]:
    """What the source denies and a longer item of the sentence affirms."""
    aligned = (place for place in sorted(alignment) if alignment[place] > _ALIGNED)
    denied = (item for place in aligned for item in polarity.readings[place].items if item.denied)
    read: set[tuple[str, ...]] = set()
    for item in denied:
        terms = tuple(term for term in item.terms if term in reading.affirmed)
        if not terms or terms in read:
            continue
        if polarity.total(terms) < _SAME * polarity.total(item.terms[: item.heads]):
            continue
        read.add(terms)
        standing = polarity.standing(replace(item, terms=terms, heads=len(terms)), alignment)
        if standing.denied > standing.affirmed + _MARGIN:
            yield from _holding(said, reading, terms)


def _holding(said: str, reading: Reading, terms: Sequence[str]) -> Iterator[Span]:
    subjects = _subjects(said, reading.items)
    for item in reading.items:
        if item.denied or item in subjects or _says_when(said, item):
            continue
        if not set(terms).isdisjoint(item.terms):
            yield item.span
            return


def _whole(item: Item) -> Span:
    cue = item.cue or item.span
    return Span(min(cue.start, item.span.start), max(cue.end, item.span.end))


def _says_when(said: str, item: Item) -> bool:
    """`since his last visit`, `while climbing stairs`: neither affirmed nor denied."""
    return bool(_WHEN.search(said, 0, item.span.start + len(item.terms[0])))


def _leads(said: str, item: Item, following: Item) -> bool:
    """Whether a denial is of the item: nothing divides them."""
    cue = following.cue
    return cue is not None and not _DIVIDES.search(said, item.span.end, cue.start)


def _subjects(said: str, items: Sequence[Item]) -> set[Item]:
    """Affirmed items that say what a denial is of.

    `Received no treatment`, `pregnancy and delivery with no complications`: a source that puts it
    as a question denies these words, too.
    """
    subjects: set[Item] = set()
    following: Item | None = None
    for item in reversed(items):
        if following and not item.denied:
            joined = _JOINED.fullmatch(said, item.span.end, following.span.start)
            if _leads(said, item, following) or (following in subjects and joined):
                subjects.add(item)
        following = item
    return subjects
