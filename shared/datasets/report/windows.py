"""What models of several windows would not see of the sources."""

from math import ceil

from shared.schemas.dataset_reports import Distribution, Suggested, Window

WINDOWS = (512, 1_024, 2_048, 4_096, 8_192)
"""Tokens: those of T5, BART, small decoders, long-input encoders and today's small decoders."""
_MULTIPLE = 8
"""Lengths of such multiples suit a GPU."""


class Windows:
    """Counts sources that are longer than each window, and how much of them it leaves out."""

    def __init__(self) -> None:
        self._rows = self._tokens = 0
        self._cut = dict.fromkeys(WINDOWS, 0)
        self._lost = dict.fromkeys(WINDOWS, 0)

    def add(self, tokens: int) -> None:
        self._rows += 1
        self._tokens += tokens
        for window in WINDOWS:
            if tokens <= window:
                return
            self._cut[window] += 1
            self._lost[window] += tokens - window

    def windows(self) -> list[Window]:
        """None of no sources."""
        return [
            Window(
                tokens=window,
                rows_cut=self._cut[window],
                share_cut=round(self._cut[window] / self._rows, 4),
                text_lost=round(self._lost[window] / max(1, self._tokens), 4),
            )
            for window in WINDOWS
            if self._rows
        ]


def suggested(source: Distribution | None, target: Distribution | None) -> Suggested:
    """From the distributions of tokens."""
    return Suggested(max_source_length=_length(source), max_target_length=_length(target))


def _length(tokens: Distribution | None) -> int | None:
    return None if tokens is None else ceil(tokens.p95 / _MULTIPLE) * _MULTIPLE
