"""Whether the checks of summaries find no more in an example than in the one it was made of."""

from collections import Counter

from shared.checks.check import check_summary
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.datasets.augmentation.facts import Pair
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.sentences import sentence_spans


def target_as_true(before: Pair, after: Pair) -> bool:
    """Whether the new target is as true of the new source as the old one was of the old."""
    old, new = _source(before[0]), _source(after[0])
    return _findings(after[1] or "", new) <= _findings(before[1] or "", old)


def as_true_both_ways(before: Pair, after: Pair) -> bool:
    """The same, and each source is as true of the other as it is of itself."""
    if not target_as_true(before, after):
        return False
    old, new = _source(before[0]), _source(after[0])
    itself = _findings(old.text, old)
    return _findings(new.text, old) <= itself and _findings(old.text, new) <= itself


def _source(text: str) -> Source:
    return Source(SourceIndex(text))


def _findings(said: str, source: Source) -> Counter[str]:
    """How often each check finds something, by English rules."""
    sentences = [
        Sentence(text, find_evidence(text, source.index))
        for text in (span.of(said) for span in sentence_spans(said))
    ]
    report = check_summary(sentences, source, language="en")
    return Counter(finding.check for found in report.findings for finding in found)
