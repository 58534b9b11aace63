"""All checks of a summary's sentences.

A check is a function from a sentence and the source to findings. It speaks only of what it has
rules for: in a language without them it is `not_checked`, never passed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.checks.finding import CheckName, Finding
from shared.checks.numbers import number_not_in_source
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

_ANY_LANGUAGE: dict[CheckName, Check] = {"number_not_in_source": number_not_in_source}
_ENGLISH: dict[CheckName, Check] = {}


def check_summary(
    sentences: Sequence[Sentence],
    source: Source,
    *,
    language: str | None = None,
) -> CheckReport:
    """What there is to say about each sentence.

    `language` is BCP 47, None where it could not be told.
    """
    english = language is None or primary_subtag(language) == "en"
    checks = {**_ANY_LANGUAGE, **(_ENGLISH if english else {})}
    repeats = repeated([sentence.text for sentence in sentences])
    findings = [
        [finding for check in checks.values() for finding in check(sentence, source)] + again
        for sentence, again in zip(sentences, repeats, strict=True)
    ]
    return CheckReport(findings, () if english else tuple(_ENGLISH))
