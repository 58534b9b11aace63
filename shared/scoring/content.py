"""How much of what a summary says stands in its source, by words alone."""

from shared.text.words import content_words


def content_precision(summary: str, source: str) -> float:
    """Share of the summary's content words, repetitions counted, that the source holds.

    0..1; 0.0 for a summary without content words.
    """
    said, held = content_words(summary), set(content_words(source))
    return sum(word in held for word in said) / len(said) if said else 0.0
