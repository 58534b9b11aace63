"""One summary out of the summaries of a long note's parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from shared.text.duplicates import Content, content_of, contradicts, is_contained
from shared.text.ranking import centrality, vectors
from shared.text.sections import headings
from shared.text.sentences import sentence_spans
from shared.text.spans import Span
from shared.text.words import content_words

_LINE_START = re.compile(r"[-*•#]|\(?\d{1,2}[.)]\s")


@dataclass(frozen=True, slots=True)
class _Sentence:
    part: int
    text: str
    is_heading: bool
    own_line: bool
    content: Content


def merge_summaries(parts: Sequence[str], *, max_sentences: int, first: int = 0) -> str:
    """The sentences of all parts in order, each thing said once, at most `max_sentences`.

    Where there are more, headings go and every part gives its most central sentence first, then
    its second, so that the end of a note is heard as well as its beginning. The `first` parts take
    their turn before the others. Of two sentences that contradict each other both are heard, or
    neither: which of them is right is not for a merger to say.
    """
    kept = _distinct(
        [sentence for part, text in enumerate(parts) for sentence in _read(part, text)]
    )
    if len(kept) > max_sentences:
        said = [sentence for sentence in kept if not sentence.is_heading]
        kept = _most_central(said, max_sentences, first)
    return _joined(kept)


def _read(part: int, text: str) -> list[_Sentence]:
    titles = {heading.span for heading in headings(text)}
    sentences = []
    for before, span in pairwise([Span(0, 0), *sentence_spans(text)]):
        said, gap = span.of(text), text[before.end : span.start]
        is_heading = span in titles
        own_line = is_heading or "\n" in gap or bool(_LINE_START.match(said))
        sentences.append(_Sentence(part, said, is_heading, own_line, content_of(said)))
    return sentences


def _distinct(sentences: list[_Sentence]) -> list[_Sentence]:
    """Without those that another says; of equals the first stays, of two the fuller one."""
    kept: list[_Sentence] = []
    for sentence in sentences:
        if not sentence.is_heading:
            said = [other for other in kept if not other.is_heading]
            if any(is_contained(sentence.content, other.content) for other in said):
                continue
            kept = [
                other
                for other in kept
                if other.is_heading or not is_contained(other.content, sentence.content)
            ]
        kept.append(sentence)
    return _with_used_headings(kept)


def _with_used_headings(sentences: list[_Sentence]) -> list[_Sentence]:
    """Without headings that have nothing under them or are open already."""
    kept: list[_Sentence] = []
    opened = ""
    for sentence, after in zip_longest(sentences, sentences[1:]):
        if sentence.is_heading:
            if after is None or after.is_heading or sentence.text == opened:
                continue
            opened = sentence.text
        kept.append(sentence)
    return kept


def _most_central(sentences: list[_Sentence], limit: int, first: int) -> list[_Sentence]:
    scores = centrality(vectors([content_words(sentence.text) for sentence in sentences]))
    queues: dict[int, list[int]] = {}
    for place in sorted(
        range(len(sentences)), key=lambda place: (sentences[place].part >= first, -scores[place])
    ):
        queues.setdefault(sentences[place].part, []).append(place)
    turns = [place for turn in zip_longest(*queues.values()) for place in turn if place is not None]
    chosen: set[int] = set()
    for place in turns:
        together = {place, *_contradicting(sentences, place)} - chosen
        if len(chosen) + len(together) <= limit:
            chosen |= together
    return [sentences[place] for place in sorted(chosen or turns[:limit])]


def _contradicting(sentences: list[_Sentence], place: int) -> list[int]:
    mine = sentences[place].content
    return [
        other
        for other, sentence in enumerate(sentences)
        if other != place and contradicts(mine, sentence.content)
    ]


def _joined(sentences: list[_Sentence]) -> str:
    text = ""
    for sentence in sentences:
        joint = "\n" if sentence.own_line else " "
        text += (joint if text else "") + sentence.text
    return text
