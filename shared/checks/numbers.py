"""Numbers of a summary that its source does not hold, or holds of something else."""

import re
from collections.abc import Iterator

from shared.checks.finding import CheckName, Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.dates import as_date
from shared.text.doses import doses
from shared.text.drugs import drugs
from shared.text.number_context import Surroundings, surroundings
from shared.text.numbers import Number, fits, numbers
from shared.text.units import equivalents

_ITEM_MARK = re.compile(r"\s*(?:[-*•]\s*)?\(?\d{1,2}[.)](?=\s)")
_FIGURES_OF_SPEECH = frozenset(["zero", "one", "first", "second", "third"])
_NONE: frozenset[str] = frozenset()
_HALF = frozenset(["half"])
_SPOKEN = {
    "0.5": _HALF, "1.5": _HALF, "2.5": _HALF, "1/2": _HALF, "2": frozenset(["twice", "couple"]),
    "12": frozenset(["dozen"]), "100": frozenset(["hundred"]),
}  # fmt: skip
_REACH = 60
"""Characters on each side of a number of a summary that say what it is the number of."""
_SAME_MATTER = 0.4
"""Share of what a summary says around a number that the source has to say around it, too."""
_SAME_MATTER_LIKELY = 0.15
_AS_GOOD = 0.75
_CLEARLY = 0.7
_CLOSER = 0.25
"""What stands nearest to a number decides where two places of the source differ by this much."""


def number_not_in_source(sentence: Sentence, source: Source) -> list[Finding]:
    """Numbers, compared normalized, that the source does not hold of the same matter.

    The number of a list item is passed over, and so are `one`, `first` and their like: they are
    mostly figures of speech.
    """
    said = sentence.text
    others = _doses_of_others(said, source)
    return [
        _finding("number_not_in_source", said, number)
        for number in _claimed(said)
        if number.span.of(said).lower() not in _FIGURES_OF_SPEECH
        and (_is_wrong(number, sentence, source) or number in others)
        and not _is_in_other_words(number, source)
    ]


def unit_mismatch(sentence: Sentence, source: Source) -> list[Finding]:
    """Numbers that the source holds of the same matter, though never with that unit."""
    said = sentence.text
    found = []
    for number in _claimed(said):
        if number.unit is not None:
            mentions = _best(number, surroundings(said, number, _REACH), source)
            if mentions and not any(fits(number, mention) for mention in mentions):
                found.append(_finding("unit_mismatch", said, number))
    return found


def _claimed(said: str) -> Iterator[Number]:
    mark = _ITEM_MARK.match(said)
    for number in numbers(said):
        listed = mark is not None and number.span.end < mark.end()
        if not listed and as_date(number) is None:
            yield number


def _is_wrong(number: Number, sentence: Sentence, source: Source) -> bool:
    """Whether no mention of it is of the same matter, or another number stands there instead."""
    around = surroundings(sentence.text, number, _REACH)
    mentions = _of_same_matter(number, around, source)
    if not mentions:
        return True
    own = max(around.closeness(source.around(mention)) for mention in mentions)
    instead = max(
        (
            around.closeness(source.around(other))
            for span in sentence.evidence.spans
            for other in source.numbers.within(span)
            if number.value not in (other.value, *other.parts) and as_date(other) is None
        ),
        default=0.0,
    )
    return instead >= _CLEARLY and instead - own >= _CLOSER


def _doses_of_others(said: str, source: Source) -> list[Number]:
    """Doses of drugs of which the source gives only other doses."""
    found = []
    for dose in doses(said, numbers(said), drugs(said)):
        given = [
            number
            for ingredient in dose.drug.ingredients
            for number in source.doses.get(ingredient, [])
            if number.unit == dose.number.unit
        ]
        if given and all(dose.number.value not in (it.value, *it.parts) for it in given):
            found.append(dose.number)
    return found


def _is_in_other_words(number: Number, source: Source) -> bool:
    """`1 g` where the source has `1000 mg`, `2` where it has `twice`."""
    if _SPOKEN.get(number.value, _NONE) & source.words:
        return True
    return number.unit is not None and any(
        mention.unit == unit
        for value, unit in equivalents(number.value, number.unit)
        for mention in source.numbers.mentions(Number(number.span, value, unit))
    )


def _best(number: Number, around: Surroundings, source: Source) -> list[Number]:
    """The mentions of the number whose nearest words are most like its own."""
    mentions = _of_same_matter(number, around, source)
    closeness = [around.closeness(source.around(mention)) for mention in mentions]
    most = max(closeness, default=0.0)
    return [
        mention
        for mention, close in zip(mentions, closeness, strict=True)
        if close >= _AS_GOOD * most
    ]


def _of_same_matter(number: Number, around: Surroundings, source: Source) -> list[Number]:
    """The mentions of it whose surroundings share enough with those in the sentence."""
    mentions = source.numbers.mentions(number)
    wanted = around.terms & source.terms
    if not wanted:
        return mentions
    weights = {term: source.index.weight(source.index.holders(term)) for term in wanted}
    shares = [
        sum(weights[term] for term in wanted & source.around(mention).terms) for mention in mentions
    ]
    total, most = sum(weights.values()), max(shares, default=0.0)
    return [
        mention
        for mention, share in zip(mentions, shares, strict=True)
        if share >= max(_needed(number, mention) * total, _AS_GOOD * most)
    ]


def _needed(number: Number, mention: Number) -> float:
    """A number of several digits, or of the same unit, is hardly there by chance."""
    same_unit = number.unit is not None and number.unit == mention.unit
    return _SAME_MATTER_LIKELY if same_unit or len(number.value) > 1 else _SAME_MATTER


def _finding(check: CheckName, said: str, number: Number) -> Finding:
    return Finding(check, number.span.of(said), number.span.start, number.span.end)
