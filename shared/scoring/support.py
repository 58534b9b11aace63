"""How firmly a source supports a summary as a whole: no reference needed, no model."""

from collections.abc import Iterable
from statistics import fmean

from shared.text.evidence import SourceIndex, find_evidence
from shared.text.sections import headings
from shared.text.sentences import sentence_spans
from shared.text.words import words


def support(source: str, summary: str) -> float:
    """Mean support, 0..1, of the less supported half of the summary's sentences.

    What is invented stands in a few sentences, and a mean over all would dilute it; the lowest of
    all alone would hang on one odd sentence of a long summary. Headings do not count. 0 for a
    summary without words.
    """
    index = SourceIndex(source)
    return weaker_half(find_evidence(sentence, index).support for sentence in _sentences(summary))


def weaker_half(supports: Iterable[float]) -> float:
    """The mean of the lower half, the middle one included; 0 of none."""
    ordered = sorted(supports)
    return fmean(ordered[: (len(ordered) + 1) // 2]) if ordered else 0.0


def _sentences(summary: str) -> list[str]:
    titles = {heading.span for heading in headings(summary)}
    spans = sentence_spans(summary)
    said = [span for span in spans if span not in titles] or spans
    return [sentence for span in said if words(sentence := span.of(summary))]
