"""One summary out of the summaries of a long note's parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest

from shared.text.duplicates import Content, content_of, is_contained
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
    their turn before the others.
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
        if any(is_contained(sentence.content, other.content) for other in kept):
            continue
        kept = [other for other in kept if not is_contained(other.content, sentence.content)]
        kept.append(sentence)
    return kept


def _most_central(sentences: list[_Sentence], limit: int, first: int) -> list[_Sentence]:
    scores = centrality(vectors([content_words(sentence.text) for sentence in sentences]))
    queues: dict[int, list[int]] = {}
    for place in sorted(
        range(len(sentences)), key=lambda place: (sentences[place].part >= first, -scores[place])
    ):
        queues.setdefault(sentences[place].part, []).append(place)
    turns = chain.from_iterable(zip_longest(*queues.values()))
    chosen = [place for place in turns if place is not None][:limit]
    return [sentences[place] for place in sorted(chosen)]


def _joined(sentences: list[_Sentence]) -> str:
    text = ""
    for sentence in sentences:
        joint = "\n" if sentence.own_line else " "
        text += (joint if text else "") + sentence.text
    return text
