"""Whether a target says numbers that its source does not hold anywhere."""

import re

from shared.text.dates import as_date
from shared.text.numbers import KnownNumbers, Number, numbers
from shared.text.spans import Span

_FIGURES_OF_SPEECH = frozenset(["zero", "one", "first", "second", "third"])
_ITEM_MARK = re.compile(r"(?:^|[.:;\n])[ \t]{0,8}\(?\d{1,2}[.)](?=\s)", re.MULTILINE)


def numbers_lacking(source: str, target: str) -> tuple[int, list[Span]]:
    """How many numbers a target holds, and where it holds those that its source has in no form.

    Dates, numbers of list items and figures of speech are not among them. Weaker than the checks of
    a summary, which ask for the same matter and unit as well: a number that merely stands somewhere
    in the source passes here.
    """
    said = _said(target)
    doubtful = [number for number in said if number.span.of(target) not in source]
    if not doubtful:
        return len(said), []
    known = KnownNumbers(numbers(source))
    return len(said), [number.span for number in doubtful if not known.mentions(number)]


def _said(target: str) -> list[Number]:
    marks = {match.end() for match in _ITEM_MARK.finditer(target)}
    return [
        number
        for number in numbers(target)
        if number.span.end + 1 not in marks
        and as_date(number) is None
        and number.span.of(target).lower() not in _FIGURES_OF_SPEECH
    ]
