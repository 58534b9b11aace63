"""Dates of a summary that its source does not hold."""

from shared.checks.finding import Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.dates import as_date
from shared.text.numbers import numbers


def date_not_in_source(sentence: Sentence, source: Source) -> list[Finding]:
    """Compared as dates: `03/05/2021` is `March 5, 2021`, and `March 5` agrees with it."""
    said = sentence.text
    return [
        Finding("date_not_in_source", number.span.of(said), number.span.start, number.span.end)
        for number in numbers(said)
        if (date := as_date(number)) and date not in source.dates
    ]
