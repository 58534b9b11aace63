"""One summary beside its source and its reference: a figure for each metric.

A document that got no summary counts as an empty one: nothing in common with the reference, no
support, and no claim to be faithful.
"""

from collections.abc import Sequence

from shared.checks.check import check_summary
from shared.checks.sentence import Sentence
from shared.checks.source import Source
from shared.datasets.report.extractiveness import extraction, tokenize
from shared.schemas.evaluations import METRICS
from shared.scoring.rouge import rouge, rouge_lsum
from shared.scoring.support import weaker_half
from shared.text.evidence import SourceIndex, find_evidence
from shared.text.sections import headings
from shared.text.sentences import sentence_spans
from shared.text.words import words

_NUMBERS = frozenset(("number_not_in_source", "unit_mismatch", "date_not_in_source"))
_ENTITIES = frozenset(("drug_not_in_source", "problem_not_in_source"))
_BIGRAMS = 2
Scores = tuple[float, ...]
"""In the order of METRICS."""
EMPTY: Scores = (0.0,) * len(METRICS)


class Scorer:
    """An example, read once for all the summaries of it."""

    def __init__(self, source: str, reference: str) -> None:
        self._source = Source(SourceIndex(source))
        self._tokens = tokenize(source)
        self._reference = reference
        self._said = sentences(reference)

    def score(self, summary: str, *, coverage: float) -> Scores:
        """`coverage`: share of the source that was read, 0..1. A figure for each of METRICS."""
        said = sentences(summary)
        checked = [Sentence(each, find_evidence(each, self._source.index)) for each in said]
        if not checked:
            return EMPTY
        shared = rouge(summary, self._reference)
        numbers, entities = self._faithful(checked)
        return (
            100 * shared.rouge1,
            100 * shared.rouge2,
            100 * shared.rouge_l,
            100 * rouge_lsum(said, self._said),
            weaker_half(sentence.evidence.support for sentence in checked),
            numbers,
            entities,
            coverage,
            self._novelty(summary),
            float(len(tokenize(summary))),
        )

    def _faithful(self, checked: Sequence[Sentence]) -> tuple[float, float]:
        """1 where every number stands in the source, else 0; and of drugs and problems the same."""
        found = {
            finding.check
            for findings in check_summary(checked, self._source).findings
            for finding in findings
        }
        return float(not found & _NUMBERS), float(not found & _ENTITIES)

    def _novelty(self, summary: str) -> float:
        """Share of the summary's bigrams that the source lacks; of one word, whether it does."""
        extracted = extraction(self._tokens, tokenize(summary))
        if extracted is None:
            return 0.0
        return extracted.novelty.get(_BIGRAMS, extracted.novelty[1])


def sentences(text: str) -> list[str]:
    """Those with words in them; headings do not count unless there is nothing else."""
    titles = {heading.span for heading in headings(text)}
    spans = sentence_spans(text)
    said = [span for span in spans if span not in titles] or spans
    return [sentence for span in said if words(sentence := span.of(text))]
