"""What no augmentation may change: numbers, dates, drugs, sides, denials and people."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from shared.text.context import read_context
from shared.text.dates import as_date
from shared.text.drugs import drugs
from shared.text.laterality import laterals
from shared.text.numbers import Number, numbers
from shared.text.persons import sexed_words
from shared.text.relatives import RELATIVE
from shared.text.sentences import sentence_spans

Pair = tuple[str, str | None]
"""A source and its target."""
_RELATIVE = re.compile(rf"\b(?:{RELATIVE})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """How often a text says each; `dates` in the order of the text, apart from other numbers.

    `denials` counts what is denied by the word that denies it.
    """

    numbers: Counter[tuple[str, str | None]]
    dates: tuple[str, ...]
    drugs: Counter[frozenset[str]]
    sides: Counter[str]
    denials: Counter[str]
    people: Counter[str]

    def holds(self, other: "Facts") -> bool:
        """Whether it says all that the other says, dates in the same order."""
        rest = iter(self.dates)
        return (
            other.numbers <= self.numbers
            and other.drugs <= self.drugs
            and other.sides <= self.sides
            and other.denials <= self.denials
            and other.people <= self.people
            and all(day in rest for day in other.dates)
        )


def facts(text: str) -> Facts:
    """Read by English rules. Linear in the text."""
    found = numbers(text)
    sides: Counter[str] = Counter()
    denials: Counter[str] = Counter()
    for sentence in sentence_spans(text):
        sides.update(one.side for one in laterals(text, sentence.start, sentence.end))
        read = read_context(text, sentence.start, sentence.end)
        denials.update(item.cue.of(text).lower() for item in read.items if item.cue)
    people = Counter(span.of(text).lower() for span, _ in sexed_words(text))
    people.update(match.group().lower() for match in _RELATIVE.finditer(text))
    return Facts(
        Counter((number.value, number.unit) for number in found if not _is_date(number)),
        tuple(number.value for number in found if _is_date(number)),
        Counter(drug.ingredients for drug in drugs(text)),
        sides,
        denials,
        people,
    )


def same_facts(before: Pair, after: Pair) -> bool:
    """Whether source and target say the same as before."""
    return all(facts(old) == facts(new) for old, new in _texts(before, after))


def same_but_shifted(before: Pair, after: Pair) -> bool:
    """The same, but for dates, which are all moved by one number of days."""
    apart: set[int] = set()
    for old, new in _texts(before, after):
        was, now = facts(old), facts(new)
        if replace(was, dates=()) != replace(now, dates=()) or len(was.dates) != len(now.dates):
            return False
        for earlier, later in zip(was.dates, now.dates, strict=True):
            days = 0 if earlier == later else _days_between(earlier, later)
            if days is None:
                return False
            apart.add(days)
    return len(apart) <= 1


def fewer_in_source(before: Pair, after: Pair) -> bool:
    """Whether the target is the same, and the source says nothing that it did not say."""
    return before[1] == after[1] and facts(before[0]).holds(facts(after[0]))


def _texts(before: Pair, after: Pair) -> list[tuple[str, str]]:
    pairs = [(before[0], after[0])]
    if before[1] is not None or after[1] is not None:
        pairs.append((before[1] or "", after[1] or ""))
    return pairs


def _is_date(number: Number) -> bool:
    return as_date(number) is not None


def _days_between(earlier: str, later: str) -> int | None:
    try:
        return (date.fromisoformat(later) - date.fromisoformat(earlier)).days
    except ValueError:  # no year, or no such day
        return None
