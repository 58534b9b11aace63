"""The patient's sex and age, where a summary has others than its source."""

from shared.checks.finding import Finding
from shared.checks.quotation import is_quoted
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.persons import ages, sexed_words
from shared.text.relatives import names_another


def sex_mismatch(sentence: Sentence, source: Source) -> list[Finding]:
    """`She` and `woman` of a man; nothing where anyone else appears in the sentence."""
    said = sentence.text
    found = list(sexed_words(said))
    if not found or source.sex is None or names_another(said) or is_quoted(sentence, source):
        return []
    if any(sex == source.sex for _, sex in found):
        return []  # two people
    return [
        Finding("sex_mismatch", span.of(said), span.start, span.end) for span, _ in sorted(found)
    ]


def age_mismatch(sentence: Sentence, source: Source) -> list[Finding]:
    """Ages that the source does not state of the patient, where it states any.

    In a sentence that names a relative, any age of the source will do.
    """
    said = sentence.text
    stated = source.ages
    known = stated.patient | stated.others if names_another(said) else stated.patient
    if not stated.patient or stated.asked:
        return []
    return [
        Finding("age_mismatch", age.span.of(said), age.span.start, age.span.end)
        for age in ages(said)
        if (age.value, age.unit) not in known
    ]
