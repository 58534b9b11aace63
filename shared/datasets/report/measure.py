"""The figures of a dataset version, in one pass over its rows.

No text is held: what grows with the rows is counted in sketches of fixed size, and examples are
drawn at random. Below 65,536 rows and words all counts are exact.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from shared.datasets.records import Judged
from shared.datasets.report.extractiveness import Extraction, extraction, tokenize
from shared.datasets.report.lately import READ_FOR_LANGUAGE, Lately
from shared.datasets.report.measurements import (
    LENGTH_EDGES,
    RATIO_EDGES,
    SHARE_EDGES,
    Measurements,
)
from shared.datasets.report.passages import NUMBER_NOT_FOUND, Passages, Seen
from shared.datasets.report.remarks import remarks
from shared.datasets.report.repeats import Repeats
from shared.datasets.report.tally import NO_SPLIT, Outcomes, Part, in_order
from shared.datasets.report.target_numbers import numbers_lacking
from shared.datasets.report.token_estimate import estimate_tokens
from shared.datasets.report.vocabulary import Words, only_words
from shared.datasets.report.windows import Windows, suggested
from shared.schemas.dataset_reports import (
    Cell,
    Extractiveness,
    Lengths,
    Report,
    TargetNumbers,
)
from shared.text.language import detect


def measure(rows: Iterable[Judged], lately: Iterable[str] = ()) -> Report:
    """`lately`: texts that the system was asked to summarize, the first 500 of them are read."""
    outcomes, passages, kept = Outcomes(), Passages(), _Kept(lately)
    for row in rows:
        outcomes.add(row)
        found: tuple[Seen, ...] = ()
        if row.decision.decision == "keep":
            found = kept.add(row)
        passages.add(row, found)
    report = kept.report(outcomes, passages)
    report.remarks = remarks(report)
    return report


class _Extractions:
    """How all targets take their words from their sources."""

    def __init__(self) -> None:
        self._coverage, self._density = Measurements(), Measurements()
        self._cells: Counter[tuple[float, float]] = Counter()
        self._novelty: defaultdict[int, Measurements] = defaultdict(Measurements)
        self._copied_whole = 0

    def add(self, of_row: Extraction) -> None:
        self._coverage.add(of_row.coverage)
        self._density.add(of_row.density)
        self._cells[
            _edge(SHARE_EDGES[:-1], of_row.coverage), _edge(RATIO_EDGES, of_row.density)
        ] += 1
        self._copied_whole += of_row.copied_whole
        for n, share in of_row.novelty.items():
            self._novelty[n].add(share)

    def figures(self) -> Extractiveness | None:
        coverage = self._coverage.distribution(SHARE_EDGES)
        density = self._density.distribution(RATIO_EDGES)
        if coverage is None or density is None:
            return None
        return Extractiveness(
            coverage=coverage,
            density=density,
            cells=[
                Cell(coverage=across, density=up, count=count)
                for (across, up), count in sorted(self._cells.items())
            ],
            novelty={n: round(self._novelty[n].mean, 4) for n in sorted(self._novelty)},
            copied_whole=self._copied_whole,
        )


class _Kept:
    """All that is measured of the rows that are kept."""

    def __init__(self, lately: Iterable[str]) -> None:
        self._lately = Lately(lately)
        self._all, self._splits = Part(), defaultdict[str, Part](Part)
        self._source_tokens, self._target_tokens = Measurements(), Measurements()
        self._compression = Measurements()
        self._windows = Windows()
        self._extractions = _Extractions()
        self._with_numbers = self._lacking = 0
        self._repeats = Repeats()
        self._sources, self._targets = Words(), Words()

    def add(self, row: Judged) -> tuple[Seen, ...]:
        """Measures the row; gives what is to be shown of it as an example."""
        candidate = row.candidate
        source = tokenize(candidate.source)
        target = tokenize(candidate.target) if candidate.target else None
        self._add_source(candidate.source, source)
        language = detect(candidate.source[:READ_FOR_LANGUAGE]) or "unknown"
        for part in (self._all, self._splits[row.split or NO_SPLIT]):
            part.add(row, language, len(source), None if target is None else len(target))
        self._repeats.add(candidate.source, candidate.target)
        if target is None or candidate.target is None:
            return ()
        return self._add_pair(candidate.source, candidate.target, source, target)

    def _add_source(self, text: str, words: Sequence[str]) -> None:
        tokens = estimate_tokens(text)
        self._source_tokens.add(tokens)
        self._windows.add(tokens)
        counts = only_words(words)
        self._sources.add(counts)
        self._lately.observe(counts)

    def _add_pair(
        self, source: str, target: str, source_words: Sequence[str], target_words: Sequence[str]
    ) -> tuple[Seen, ...]:
        self._target_tokens.add(estimate_tokens(target))
        self._targets.add(only_words(target_words))
        if (of_row := extraction(source_words, target_words)) is not None:
            self._extractions.add(of_row)
            self._compression.add(len(source_words) / len(target_words))
        said, lacking = numbers_lacking(source, target)
        self._with_numbers += said > 0
        self._lacking += bool(lacking)
        return tuple(Seen(NUMBER_NOT_FOUND, span) for span in lacking[:1])

    def report(self, outcomes: Outcomes, passages: Passages) -> Report:
        everything = self._all
        source_tokens = self._source_tokens.distribution(LENGTH_EDGES)
        target_tokens = self._target_tokens.distribution(LENGTH_EDGES)
        return Report(
            counts=outcomes.counts(),
            splits=in_order(self._splits),
            note_types=everything.note_types.counts(),
            languages=everything.languages.counts(),
            kinds=everything.kinds.counts(),
            lengths=Lengths(
                source_words=everything.source_words.distribution(),
                target_words=everything.target_words.distribution(),
                source_tokens=source_tokens,
                target_tokens=target_tokens,
                compression=self._compression.distribution(RATIO_EDGES),
            ),
            windows=self._windows.windows(),
            suggested=suggested(source_tokens, target_tokens),
            extractiveness=self._extractions.figures(),
            numbers=TargetNumbers(with_numbers=self._with_numbers, lacking=self._lacking),
            duplicates=self._repeats.duplicates(),
            source_vocabulary=self._sources.vocabulary(),
            target_vocabulary=self._targets.vocabulary(),
            lately=self._lately.comparison(everything.source_words, self._sources.shares()),
            findings=passages.findings(),
            samples=passages.samples(),
        )


def _edge(edges: Sequence[float], value: float) -> float:
    """The greatest edge that the value reaches."""
    return edges[max(0, bisect_right(edges, value) - 1)]
