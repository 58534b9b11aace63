"""What the figures of a version mean for training on it, and what to do next."""

from collections.abc import Callable, Iterator

from shared.datasets.report import remarks_on_rows as on_rows
from shared.datasets.report import remarks_on_texts as on_texts
from shared.schemas.dataset_reports import Level, Remark, Report

_BY_LEVEL: dict[Level, int] = {"act": 0, "know": 1, "good": 2}
_LOOKS: tuple[Callable[[Report], Iterator[Remark]], ...] = (
    on_rows.targets, on_texts.numbers, on_texts.window, on_texts.duplicates, on_rows.sizes,
    on_rows.note_types, on_texts.lately, on_rows.dropped, on_rows.flagged, on_texts.copying,
    on_texts.compression, on_rows.languages, on_rows.splits_alike, on_rows.groups,
)  # fmt: skip


def remarks(report: Report) -> list[Remark]:
    """What to act on first."""
    if report.counts.kept == 0:
        return [on_rows.nothing_kept(report)]
    found = [remark for look in _LOOKS for remark in look(report)]
    if not any(remark.level == "act" for remark in found):
        found.append(Remark(level="good", text="No figure here stands against training on it."))
    return sorted(found, key=lambda remark: _BY_LEVEL[remark.level])
