"""The extractive route: the document's own sentences. Needs no model."""

from shared.schemas.summaries import ProducedBy, Reason, Usage
from shared.text.extractive import extract
from workers.summarization.draft import ClaimedText, Draft

_MAX_WORDS = 120


def draft_extract(source: ClaimedText, reason: Reason) -> Draft:
    """The most telling sentences, in their own order, white space evened out."""
    most = source.note_type.sentences[1]
    spans = extract(source.text, max_sentences=most, max_words=_MAX_WORDS)
    chosen = " ".join(span.of(source.text) for span in spans) or source.text
    return Draft(
        text=" ".join(chosen.split()),
        produced_by=ProducedBy(route="extractive", reason=reason),
        usage=Usage(input_tokens=0, output_tokens=0),
        coverage=1.0,
    )
