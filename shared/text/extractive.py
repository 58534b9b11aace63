"""The summary that needs no model: the note's own most telling sentences."""

import math

from shared.text.priors import is_boilerplate, prior
from shared.text.ranking import Vector, centrality, cosine, vectors
from shared.text.sections import Heading, headings, section_at
from shared.text.sentences import sentence_spans
from shared.text.spans import Span
from shared.text.words import content_words

_MIN_TERMS = 3
"""A line of fewer content words is no sentence to be chosen alone."""
_CANDIDATES = 200
"""So many of the best-ranked are compared with what is chosen; it bounds the time."""
_NOVELTY = 0.8
"""How much of its score a sentence loses that says what a chosen one says."""


def extract(text: str, *, max_sentences: int, max_words: int) -> list[Span]:
    """At most `max_sentences` sentences of at most `max_words` words together, in document order.

    Never empty for a text that is not: where no whole sentence fits, the best one is cut.
    """
    found = headings(text)
    sentences = _candidates(text, found)
    if not sentences:
        return []
    terms = vectors([content_words(sentence.of(text)) for sentence in sentences])
    weights = _priors([section_at(found, sentence.start) for sentence in sentences])
    scores = [
        math.sqrt(central) * weight
        for central, weight in zip(centrality(terms), weights, strict=True)
    ]
    lengths = [len(sentence.of(text).split()) for sentence in sentences]
    chosen = _select(scores, terms, lengths, max_sentences, max_words)
    if not chosen:
        best = max(range(len(scores)), key=scores.__getitem__)
        return [_cut(text, sentences[best], max_words)]
    return [_trimmed(text, sentences[place]) for place in sorted(chosen)]


def _candidates(text: str, found: list[Heading]) -> list[Span]:
    """Real sentences; short lines where there are none; anything where there are neither."""
    titles = {heading.span for heading in found}
    spans = sentence_spans(text)
    lines = [span for span in spans if span not in titles]
    telling = [
        span
        for span in lines
        if len(content_words(span.of(text))) >= _MIN_TERMS and not is_boilerplate(span.of(text))
    ]
    return telling or lines or spans


def _priors(sections: list[str | None]) -> list[float]:
    """The prior of each sentence, from the section that each lies in."""
    weights = []
    place_in_section = 0
    for place, section in enumerate(sections):
        again = place > 0 and section == sections[place - 1]
        place_in_section = place_in_section + 1 if again else 0
        weights.append(prior(section, place, place_in_section))
    return weights


def _select(
    scores: list[float], terms: list[Vector], lengths: list[int], max_sentences: int, max_words: int
) -> list[int]:
    """Maximal marginal relevance among the best-ranked, as far as the words go."""
    ranked = sorted(range(len(scores)), key=lambda place: -scores[place])[:_CANDIDATES]
    said = dict.fromkeys(ranked, 0.0)
    chosen: list[int] = []
    words = max_words
    while said and len(chosen) < max_sentences:
        best = max(said, key=lambda place: scores[place] * (1 - _NOVELTY * said[place]))
        del said[best]
        if lengths[best] > words:
            continue
        chosen.append(best)
        words -= lengths[best]
        for place in said:
            said[place] = max(said[place], cosine(terms[place], terms[best]))
    return chosen


def _cut(text: str, span: Span, max_words: int) -> Span:
    end = span.start
    for word in span.of(text).split()[:max_words]:
        end = text.index(word, end) + len(word)
    return Span(span.start, end)


def _trimmed(text: str, span: Span) -> Span:
    """Without the comma of a joined line at its end."""
    said = span.of(text)
    return Span(span.start, span.start + len(said.rstrip(", \n")))
