"""Texts that stand in a version more than once."""

from shared.datasets.report.sketches import DistinctSample, hash_text
from shared.schemas.dataset_reports import Duplicates, Repeated


class Repeats:
    """Texts are the same where they differ in case and white space at most."""

    def __init__(self) -> None:
        self._rows = [0, 0, 0]
        self._samples = [DistinctSample(), DistinctSample(), DistinctSample()]

    def add(self, source: str, target: str | None) -> None:
        of_source = hash_text(_same(source))
        self._count(0, of_source)
        if target:
            of_target = hash_text(_same(target))
            self._count(1, of_target)
            self._count(2, hash_text(f"{of_source} {of_target}"))

    def duplicates(self) -> Duplicates:
        source, target, pair = (self._repeated(which) for which in range(3))
        return Duplicates(source=source, target=target, pair=pair)

    def _count(self, which: int, hashed: int) -> None:
        self._rows[which] += 1
        self._samples[which].add(hashed)

    def _repeated(self, which: int) -> Repeated:
        sample = self._samples[which]
        return Repeated(
            rows=self._rows[which],
            distinct=sample.distinct,
            repeats=sample.repeats,
            most=sample.most,
            exact=sample.exact,
        )


def _same(text: str) -> str:
    return " ".join(text.lower().split())
