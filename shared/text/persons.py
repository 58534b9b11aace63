"""Sex and age as a text states them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.text.number_words import number_words
from shared.text.relatives import Experiencer, experiencer
from shared.text.spans import Span

Sex = Literal["male", "female"]

_SEXES: dict[str, Sex] = {
    **dict.fromkeys(["male", "man", "gentleman", "boy", "he", "him", "his", "himself"], "male"),
    **dict.fromkeys(["female", "woman", "lady", "girl", "she", "her", "hers", "herself"], "female"),
}
_NOUN = re.compile(r"\b(?:male|man|gentleman|boy|female|woman|lady|girl)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:he|him|his|himself|she|hers?|herself)\b", re.IGNORECASE)
_DESCRIBED = re.compile(
    r"\bold,?(?:[ -][\w/]{1,20}){0,6}?[ -](male|man|gentleman|boy|female|woman|lady|girl)\b"
    r"|\b(?:sex|gender)\s{0,3}:\s{0,3}(male|female)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"\b(?:you|i'm|i've)\b", re.IGNORECASE)
"""Who is spoken to is no `he`."""
_FEWEST_PRONOUNS = 3
_SHARE = 0.85

_SMALL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen"
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_VALUE = rf"(?:\d{{1,3}}|(?:{_TENS})(?:[ -](?:{_SMALL}))?|{_SMALL})"
_AGE = re.compile(
    rf"\b(?P<old>{_VALUE})[ -]{{0,2}}(?P<unit>year|yr|month|week|day)s?\.?"
    r"(?:[ -]and a half)?[ -]old\b"
    rf"|\b(?P<short>\d{{1,3}})[ -]?y(?:\.o\.|/o|o)(?!\w)"
    rf"|\b(?:aged?|turned|turning)(?::|[ ]of|[ ]is|[ ]was)?[ ](?P<aged>{_VALUE})\b(?![./%\d])"
    rf"|\b(?:i'm|i\ am|he's|she's|he\ is|she\ is)[ ](?P<bare>{_VALUE})"
    r"(?=[ ]?(?:[.,;?!\n]|and\b|$))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Age:
    """`value` in digits, `unit` in the singular; `span` covers the words."""

    value: str
    unit: str
    span: Span


def ages(text: str) -> Iterator[Age]:
    """Every age, in order: `54-year-old`, `sixty years old`, `54 y/o`, `aged 54`, `I am 4`."""
    for match in _AGE.finditer(text):
        said = match["old"] or match["short"] or match["aged"] or match["bare"]
        unit = (match["unit"] or "year").lower()
        span = Span(match.start(), match.end())
        yield Age(_digits(said), "year" if unit == "yr" else unit, span)


@dataclass(frozen=True, slots=True)
class StatedAges:
    """Values with their units. `asked`: someone asks how old, and any number may answer."""

    patient: frozenset[tuple[str, str]]
    others: frozenset[tuple[str, str]]
    asked: bool


def stated_ages(text: str, sentences: Sequence[Span]) -> StatedAges:
    """The ages in a text; those in a sentence that names another person may be either's."""
    patient, others = set(), set()
    for sentence in sentences:
        said = sentence.of(text)
        found = {(age.value, age.unit) for age in ages(said)}
        if found and experiencer(said) is Experiencer.FAMILY:
            others |= found
        else:
            patient |= found
    asked = "how old" in text.lower()
    return StatedAges(frozenset(patient), frozenset(others), asked)


def _digits(said: str) -> str:
    if said.isdigit():
        return str(int(said))
    return next((value for _, value in number_words(said)), said)


def stated_sex(text: str) -> Sex | None:
    """The patient's sex: as described with the age, else as nearly all pronouns have it.

    None where that is not clear, as in a note of a mother and her child.
    """
    described = {_SEXES[(match[1] or match[2]).lower()] for match in _DESCRIBED.finditer(text)}
    pronouns = Counter(_SEXES[match.group().lower()] for match in _PRONOUN.finditer(text))
    total = pronouns.total()
    if len(described) == 1:
        sex = described.pop()
        return sex if pronouns[sex] >= total / 2 else None
    if described or total < _FEWEST_PRONOUNS or _SPOKEN.search(text):
        return None
    sex, count = pronouns.most_common(1)[0]
    return sex if count >= _SHARE * total else None


def sexed_words(text: str) -> Iterator[tuple[Span, Sex]]:
    """Nouns and pronouns that tell a sex, in order."""
    for pattern in (_NOUN, _PRONOUN):
        for match in pattern.finditer(text):
            yield Span(match.start(), match.end()), _SEXES[match.group().lower()]
