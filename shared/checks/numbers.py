"""Numbers of a summary that its source does not hold."""

import re

from shared.checks.finding import Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.numbers import numbers

_ITEM_MARK = re.compile(r"\s*(?:[-*•]\s*)?\(?\d{1,2}[.)](?=\s)")
_FIGURES_OF_SPEECH = frozenset(["zero", "one", "first", "second", "third"])


def number_not_in_source(sentence: Sentence, source: Source) -> list[Finding]:
    """Numbers, compared normalized and with their units, that the source does not hold.

    The number of a list item is passed over, and so are `one`, `first` and their like: they are
    mostly figures of speech.
    """
    said = sentence.text
    mark = _ITEM_MARK.match(said)
    return [
        Finding("number_not_in_source", number.span.of(said), number.span.start, number.span.end)
        for number in numbers(said)
        if not (mark and number.span.end < mark.end())
        and number.span.of(said).lower() not in _FIGURES_OF_SPEECH
        and number not in source.numbers
    ]
