"""The extractive route: the document's own sentences. Needs no model."""

from shared.note_types.shipped import NoteType
from shared.schemas.explanations import Part
from shared.schemas.summaries import ProducedBy, Reason, Usage
from shared.text.asking import asked
from shared.text.extractive import extract, joined
from workers.summarization.draft import Draft
from workers.summarization.note import Note, ranges

_WORDS_A_SENTENCE = 15
_SPARE_WORDS = 10
"""So that a note type of one sentence has room for a long one."""


def draft_extract(note: Note, reason: Reason) -> Draft:
    """Nothing of the note that may be read is left unread."""
    read = note.readable
    return Draft(
        text=extract_text(read.text, note.note_type),
        produced_by=ProducedBy(route="extractive", reason=reason),
        usage=Usage(input_tokens=0, output_tokens=0),
        parts=(Part(ranges=ranges(read.spans), input_tokens=0, output_tokens=0),),
    )


def extract_text(text: str, note_type: NoteType) -> str:
    """The most telling sentences in their own order; of a patient's question, what it asks.

    The length is the note type's, and that in words follows from it. Never empty for a text that is
    not nothing but white space.
    """
    if note_type.name == "question":
        return asked(text)
    least, most = note_type.sentences
    max_words = most * _WORDS_A_SENTENCE + _SPARE_WORDS
    spans = extract(
        text,
        min_sentences=least,
        max_sentences=most,
        max_words=max_words,
        titles=note_type.sections,
    )
    return joined(text, spans)
