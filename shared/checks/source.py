"""A source as the checks see it: read once for all sentences of its summary."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from shared.checks.withheld import Withheld
from shared.text.dates import KnownDates
from shared.text.doses import doses
from shared.text.drugs import Drug, drugs
from shared.text.evidence import SourceIndex
from shared.text.instructions import instruction_spans
from shared.text.laterality import Lateral, laterals
from shared.text.number_context import Surroundings, surroundings
from shared.text.numbers import KnownNumbers, Number
from shared.text.persons import Sex, StatedAges, stated_ages, stated_sex
from shared.text.polarity import Polarity
from shared.text.relatives import Experiencer, experiencers
from shared.text.words import content_words, stem, word_set, words

_REACH = 150
"""Characters on each side of a number that say what it is the number of."""

_ENGLISH = word_set(
    "the and with was of is has for she your at pain chest breath left right head blood years old "
    "man woman daily stop started stable without shows history denies discharged weeks days out "
    "pt yo sob abd hx rx"
)
"""Words of prose and of telegrams, none of them a word of other languages' notes."""
_FEWEST_ENGLISH = 2


class Source:
    """`index` is the source's text with its sentences and headings."""

    def __init__(self, index: SourceIndex) -> None:
        self.index = index
        self._around: dict[Number, Surroundings] = {}

    @property
    def text(self) -> str:
        return self.index.text

    @cached_property
    def terms(self) -> frozenset[str]:
        """The stems of its content words."""
        return frozenset(content_words(self.text))

    def around(self, number: Number) -> Surroundings:
        """What stands around one of its numbers."""
        known = self._around.get(number)
        if known is None:
            known = self._around[number] = surroundings(self.text, number, _REACH)
        return known

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words as they stand, lower-cased."""
        return frozenset(words(self.text))

    @property
    def holds_english(self) -> bool:
        """Whether words of it are English and of no other language that notes are written in."""
        return len(self.words & _ENGLISH) >= _FEWEST_ENGLISH

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all its words."""
        return frozenset(map(stem, self.words))

    @cached_property
    def lower(self) -> str:
        """Its text in small letters."""
        return self.text.lower()

    @cached_property
    def dates(self) -> KnownDates:
        return KnownDates(self.text, self.numbers.all)

    @cached_property
    def doses(self) -> Mapping[str, list[Number]]:
        """The amounts it gives of each ingredient."""
        found: dict[str, list[Number]] = defaultdict(list)
        for dose in doses(self.text, self.numbers.all, self.drug_mentions):
            for ingredient in dose.drug.ingredients:
                found[ingredient].append(dose.number)
        return found

    @cached_property
    def drug_mentions(self) -> list[Drug]:
        return list(drugs(self.text))

    @cached_property
    def drugs(self) -> frozenset[str]:
        """The ingredients of the drugs it names."""
        return frozenset[str]().union(*(drug.ingredients for drug in self.drug_mentions))

    @cached_property
    def numbers(self) -> KnownNumbers:
        return self.index.numbers

    @cached_property
    def polarity(self) -> Polarity:
        """What its sentences affirm and deny."""
        return Polarity(self.text, self.index.sentences)

    @cached_property
    def sex(self) -> Sex | None:
        """The patient's, where it is clear."""
        return stated_sex(self.text)

    @cached_property
    def ages(self) -> StatedAges:
        """The ages that it states."""
        return stated_ages(self.text, self.index.sentences)

    @cached_property
    def experiencers(self) -> list[Experiencer]:
        """Whom each of its sentences is about."""
        spans = self.index.sentences
        sections = [self.index.section_at(span.start) for span in spans]
        return experiencers([span.of(self.text) for span in spans], sections)

    @cached_property
    def laterals(self) -> list[tuple[int, Lateral]]:
        """Every side it names, with the index of its sentence."""
        return [
            (place, lateral)
            for place, span in enumerate(self.index.sentences)
            for lateral in laterals(self.text, span.start, span.end)
        ]

    @cached_property
    def withheld(self) -> Withheld:
        """Its passages that speak to a language model."""
        return Withheld(self.text, instruction_spans(self.text))
