"""All checks of a summary's sentences.

A check is a function from a sentence and the source to findings. It speaks only of what it has
rules for: in a language without them it is `not_checked`, never passed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from shared.checks.boilerplate import boilerplate
from shared.checks.dates import date_not_in_source
from shared.checks.drugs import drug_not_in_source
from shared.checks.family import family_mismatch
from shared.checks.finding import CheckName, Finding
from shared.checks.instruction import instruction
from shared.checks.laterality import side_mismatch
from shared.checks.negation import negation_mismatch
from shared.checks.numbers import number_not_in_source, unit_mismatch
from shared.checks.other_document import other_document
from shared.checks.person import age_mismatch, sex_mismatch
from shared.checks.problems import problem_not_in_source
from shared.checks.repetition import repeated
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.text.language_tags import primary_subtag


@dataclass(frozen=True, slots=True)
class CheckReport:
    """`findings` by sentence, offsets within it; `not_checked` for want of rules or knowledge."""

    findings: list[list[Finding]]
    not_checked: tuple[CheckName, ...]


Check = Callable[[Sentence, Source], list[Finding]]

_ANY_LANGUAGE: dict[CheckName, Check] = {
    "instruction": instruction,
    "number_not_in_source": number_not_in_source,
    "unit_mismatch": unit_mismatch,
    "date_not_in_source": date_not_in_source,
}
_ENGLISH: dict[CheckName, Check] = {
    "negation_mismatch": negation_mismatch,
    "side_mismatch": side_mismatch,
    "sex_mismatch": sex_mismatch,
    "age_mismatch": age_mismatch,
    "family_mismatch": family_mismatch,
    "drug_not_in_source": drug_not_in_source,
    "problem_not_in_source": problem_not_in_source,
    "boilerplate": boilerplate,
}


def check_summary(
    sentences: Sequence[Sentence],
    source: Source,
    *,
    language: str | None = None,
    others: Sequence[Source] = (),
    without: Collection[CheckName] = (),
) -> CheckReport:
    """What there is to say about each sentence.

    Args:
        sentences: of one summary, in their order.
        source: what it is a summary of.
        language: BCP 47. Where it could not be told (None, `und`) the English rules still find
            what they find, and count as not checked unless the source holds English words.
        others: the sources of the other documents of the same forward pass.
        without: checks of one sentence that nobody wants to hear of here.
    """
    primary = None if language is None else primary_subtag(language)
    checks = {**_ANY_LANGUAGE, **(_ENGLISH if primary in {None, "en"} else {})}
    repeats = repeated([sentence.text for sentence in sentences])
    findings = [
        [
            finding
            for name, check in checks.items()
            if name not in without
            for finding in check(sentence, source)
        ]
        + other_document(sentence, others)
        + again
        for sentence, again in zip(sentences, repeats, strict=True)
    ]
    english = primary == "en" or (primary is None and source.holds_english)
    return CheckReport(findings, () if english else tuple(_ENGLISH))
