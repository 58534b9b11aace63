"""What of a text an extract may be made of, and how much each piece weighs before it is ranked."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from shared.text.dialogue import OPENING, speaker_marks, telling_words, turn_weight
from shared.text.priors import is_boilerplate, prior, section_kind, wording
from shared.text.sections import Heading, headings, section_at
from shared.text.sentences import sentence_spans
from shared.text.spans import Span, stripped
from shared.text.words import content_words

_SHORT = 4
"""A line of fewer content words needs its heading to be understood."""
_ALONE = 6
"""So many content words say enough under a heading that would colour them."""
_ITEM = re.compile(r"(?:[-*•·\u2013\u2014◦▪‣+>|#]+|\(?\d{1,3}[.)]|\(?[A-Za-z][.)])\s+(?=\S)")
_NEXT_ITEM = re.compile(r"[,;]\s?\d{1,2}[.)]$")
_LAST = ",;"
_INTRODUCTION = re.compile(r":[\s,]{0,3}(?:\d{1,2}[.)])?$")
_TAIL = 8
_INTRODUCES = 0.3
"""A sentence whose list is not part of it says little."""
_WANTED = 2.0
"""What the sections weigh that the note type names."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`span` may hold the heading right before a line that is unintelligible without it."""

    span: Span
    terms: list[str]
    weight: float


def candidates(text: str, titles: Collection[str] = ()) -> list[Candidate]:
    """Sentences without list marks and speakers, in order; never headings or signatures alone.

    Empty only where the text has nothing of the kind.

    Args:
        text: a note, or a dialogue.
        titles: with what the headings of the most wanted sections begin.
    """
    marks = speaker_marks(text)
    return _turns(text, marks) if marks else _lines(text, tuple(map(str.lower, titles)))


def _turns(text: str, marks: dict[int, int]) -> list[Candidate]:
    found = []
    for sentence in sentence_spans(text):
        start = marks.get(sentence.start, sentence.start)
        opening = OPENING.match(text, start, sentence.end)
        span = stripped(text, opening.end() if opening else start, sentence.end)
        terms = telling_words(span.of(text))
        if terms:
            found.append(Candidate(span, terms, turn_weight(span.of(text), len(terms))))
    return found


def _lines(text: str, titles: tuple[str, ...]) -> list[Candidate]:
    found = headings(text)
    labels = {heading.span.start: heading for heading in found}
    spans = sentence_spans(text)
    kept: list[Candidate] = []
    section, place, in_section = None, 0, 0
    for before, span in pairwise([Span(0, 0), *spans]):
        if (heading := labels.get(span.start)) and heading.span.end >= span.end:
            continue
        name = section_at(found, span.start)
        in_section = in_section + 1 if name == section else 0
        section = name
        label = heading or labels.get(before.start)
        weight = prior(name, place, in_section)
        if name and name.lower().startswith(titles):
            weight *= _WANTED
        candidate = _line(text, span, label, name, weight)
        if candidate:
            kept.append(candidate)
        place += 1
    return kept


def _line(
    text: str, span: Span, label: Heading | None, section: str | None, weight: float
) -> Candidate | None:
    start = max(span.start, label.span.end) if label else span.start
    bare = _bare(text, start, span.end)
    said = bare.of(text)
    terms = content_words(said)
    heads_list = said.isupper() and _NEXT_ITEM.match(text, bare.end, span.end)
    if not said or heads_list or is_boilerplate(said):
        return None
    kind = section_kind(section)
    is_short = len(terms) < (_ALONE if kind.colours else _SHORT)
    if label and (kind.colours or (is_short and not kind.explains_itself)):
        bare = Span(label.span.start, bare.end)
    elif not terms or (is_short and kind.colours):
        return None
    if _INTRODUCTION.search(said, max(0, len(said) - _TAIL)):
        weight *= _INTRODUCES
    return Candidate(bare, terms, weight * wording(said, len(terms)))


def _bare(text: str, start: int, end: int) -> Span:
    """Without the mark of a list before it and what joined lines leave around it (`.,2.`)."""
    while start < end and (text[start] in _LAST or text[start].isspace()):
        start += 1
    span = stripped(text, start, end)
    mark = _ITEM.match(text, span.start, span.end)
    start = mark.end() if mark else span.start
    following = _NEXT_ITEM.search(text, max(start, span.end - _TAIL), span.end)
    span = Span(start, following.start() if following else span.end)
    while span.end > start and (text[span.end - 1] in _LAST or text[span.end - 1].isspace()):
        span = Span(start, span.end - 1)
    return Span(start, span.end)
