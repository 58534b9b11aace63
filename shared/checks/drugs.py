"""Drugs of a summary that its source does not name, under whatever name."""

from shared.checks.finding import Finding
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.drugs import Drug, drugs, ingredients_by_name
from shared.text.spelling import is_misspelling


def drug_not_in_source(sentence: Sentence, source: Source) -> list[Finding]:
    """A drug is known by any name of it, by an ingredient, and misspelled."""
    return [
        Finding("drug_not_in_source", drug.span.of(sentence.text), drug.span.start, drug.span.end)
        for drug in drugs(sentence.text)
        if not _is_named(drug, source)
    ]


def _is_named(drug: Drug, source: Source) -> bool:
    if drug.name in source.words or drug.ingredients & source.drugs:
        return True
    known = ingredients_by_name()
    return any(is_misspelling(drug.name, word) for word in source.words if word not in known)
