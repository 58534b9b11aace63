"""Rows counted by what they are and what became of them."""

from collections.abc import Iterable

from shared.datasets.records import Judged
from shared.datasets.report.measurements import Measurements
from shared.datasets.report.sketches import DistinctSample, FrequentItems, hash_text
from shared.schemas.dataset_reports import RowCounts, SplitFigures
from shared.schemas.datasets import SPLITS

_NAMES = 64
"""Different names of one kind that a report can hold; far more than there are."""
NO_SPLIT = "none"


class Names:
    """How often each of a few names occurs."""

    def __init__(self) -> None:
        self._items: FrequentItems[str] = FrequentItems(_NAMES)

    def add(self, names: Iterable[str]) -> None:
        self._items.add(names)

    def counts(self) -> dict[str, int]:
        """The most frequent first."""
        return dict(self._items.most_common())


class Outcomes:
    """All rows that could be read."""

    def __init__(self) -> None:
        self._rows = self._kept = self._flagged = self._without_target = 0
        self._dropped_by, self._findings = Names(), Names()

    def add(self, row: Judged) -> None:
        kept = row.decision.decision == "keep"
        self._rows += 1
        self._kept += kept
        self._flagged += kept and bool(row.decision.findings)
        self._without_target += kept and not row.candidate.target
        self._findings.add(set(row.decision.findings))
        if not kept:
            self._dropped_by.add([row.decision.reason or "unnamed"])

    def counts(self) -> RowCounts:
        return RowCounts(
            rows=self._rows,
            kept=self._kept,
            dropped=self._rows - self._kept,
            flagged=self._flagged,
            without_target=self._without_target,
            dropped_by=self._dropped_by.counts(),
            findings=self._findings.counts(),
        )


class Part:
    """The kept rows of a split, or of all."""

    def __init__(self) -> None:
        self.rows = self.with_target = 0
        self.note_types, self.languages, self.kinds = Names(), Names(), Names()
        self.source_words, self.target_words = Measurements(), Measurements()
        self.groups = DistinctSample()

    def add(self, row: Judged, language: str, source_words: int, target_words: int | None) -> None:
        """`target_words`: None without a target."""
        candidate = row.candidate
        self.rows += 1
        self.note_types.add([candidate.note_type])
        self.languages.add([language])
        self.kinds.add([candidate.kind])
        self.source_words.add(source_words)
        if target_words is not None:
            self.with_target += 1
            self.target_words.add(target_words)
        if candidate.group is not None:
            self.groups.add(hash_text(candidate.group.hex()))

    def figures(self, split: str) -> SplitFigures:
        return SplitFigures(
            split=split,
            rows=self.rows,
            with_target=self.with_target,
            groups=self.groups.distinct,
            largest_group=self.groups.most,
            note_types=self.note_types.counts(),
            languages=self.languages.counts(),
            kinds=self.kinds.counts(),
            source_words=self.source_words.distribution(),
            target_words=self.target_words.distribution(),
        )


def in_order(parts: dict[str, Part]) -> list[SplitFigures]:
    """Train, validation, test, then rows without a split; a split without rows is left out."""
    return [parts[split].figures(split) for split in (*SPLITS, NO_SPLIT) if split in parts]
