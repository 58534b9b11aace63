"""The summary that needs no model: the text's own most telling sentences."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable

from shared.text.candidates import candidates
from shared.text.ranking import Vector, centrality, cosine, vectors
from shared.text.sentences import sentence_spans
from shared.text.spans import Span

_CLOSING = "\"'\u201d\u2019\u00bb\u300d\u300f)]"
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_JOINED_LABEL = re.compile(r": ?, ?")
"""`HPI: ,She fell`, of exports that joined their lines with commas."""
_CENTRALITY = 2.2
"""Exponent: a sentence at the centre of the text weighs e^2.2 of one that has nothing in common."""
_CANDIDATES = 300
"""So many of the best-ranked are compared with what is chosen; it bounds the time."""
_BEGINNING = 1_000
_NOVELTY = 1.2
"""Times the cosine with the nearest of the chosen: the share of its score that a sentence loses."""
_WORTH = 0.45
"""Past `min_sentences`, what weighs less than this share of the best is left out."""


def extract(
    text: str,
    *,
    max_sentences: int,
    max_words: int,
    min_sentences: int | None = None,
    titles: Collection[str] = (),
) -> list[Span]:
    """At most `max_sentences` sentences of at most `max_words` words together, in document order.

    Never empty for a text that is not: where no whole sentence fits, the best one is cut.

    Args:
        text: a note, or a dialogue.
        max_sentences: at most so many.
        max_words: at most so many, parted by white space.
        min_sentences: past these only what is nearly as telling as the best is taken; None: all
            that there is room for.
        titles: with what the headings of the most wanted sections begin.
    """
    found = candidates(text, titles)
    if not found:
        return [_cut(text, span, max_words) for span in _beginning(text)]
    terms = vectors([candidate.terms for candidate in found])
    scores = [
        candidate.weight * math.exp(_CENTRALITY * central)
        for candidate, central in zip(found, centrality(terms), strict=True)
    ]
    lengths = [len(candidate.span.of(text).split()) for candidate in found]
    least = max_sentences if min_sentences is None else min_sentences
    chosen = _select(scores, terms, lengths, (least, max_sentences), max_words)
    if not chosen:
        best = max(range(len(scores)), key=scores.__getitem__)
        return [_cut(text, found[best].span, max_words)]
    return [found[place].span for place in sorted(chosen)]


def joined(text: str, spans: Iterable[Span]) -> str:
    """The spans as running text: white space evened out, each closed by a full stop if by nothing.

    Lines of a list carry none, and two of them would be read as one sentence.
    """
    said = (" ".join(span.of(text).split()) for span in spans)
    return " ".join(_closed(_JOINED_LABEL.sub(": ", sentence)) for sentence in said)


def _closed(said: str) -> str:
    if not said or unicodedata.category(said.rstrip(_CLOSING)[-1:] or "x").startswith("Po"):
        return said
    return said + ("\u3002" if _IDEOGRAPH.match(said[-1]) else ".")


def _select(
    scores: list[float],
    terms: list[Vector],
    lengths: list[int],
    sentences: tuple[int, int],
    max_words: int,
) -> list[int]:
    """Maximal marginal relevance among the best-ranked, as far as the words go."""
    least, most = sentences
    ranked = sorted(range(len(scores)), key=lambda place: -scores[place])[:_CANDIDATES]
    said = dict.fromkeys(ranked, 0.0)
    chosen: list[int] = []
    words = max_words
    worth = 0.0
    while said and len(chosen) < most:
        values = {place: scores[place] * max(0.0, 1 - _NOVELTY * said[place]) for place in said}
        best = max(values, key=values.__getitem__)
        if not values[best] or (len(chosen) >= least and values[best] < worth):
            break
        del said[best]
        if lengths[best] > words:
            continue
        worth = worth or _WORTH * values[best]
        chosen.append(best)
        words -= lengths[best]
        for place in said:
            said[place] = max(said[place], cosine(terms[place], terms[best]))
    return chosen


def _beginning(text: str) -> list[Span]:
    """The first sentence of a text that has no candidates; none of white space."""
    start = len(text) - len(text.lstrip())
    return [
        Span(start + span.start, start + span.end)
        for span in sentence_spans(text[start : start + _BEGINNING])[:1]
    ]


def _cut(text: str, span: Span, max_words: int) -> Span:
    end = span.start
    for word in span.of(text).split()[:max_words]:
        end = text.index(word, end) + len(word)
    return Span(span.start, end)
