"""Rows whose target is in another language than their source, or their source than the others."""

from array import array
from collections import Counter
from collections.abc import Iterator

from shared.datasets.curation.catalogue import Settings
from shared.datasets.curation.reading import language_of, word_count
from shared.datasets.records import Candidate, Flag


class Languages:
    """Holds two bytes a row."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names: list[str | None] = [None]
        self._lines = array("q")
        self._sources = array("B")
        self._targets = array("B")

    def observe(self, candidate: Candidate) -> None:
        self._lines.append(candidate.line)
        self._sources.append(self._code(candidate.source))
        self._targets.append(self._code(candidate.target))

    def flags(self) -> Iterator[Flag]:
        counts = Counter(code for code in self._sources if code)
        most = max(counts, key=counts.__getitem__, default=0)
        if counts[most] < self._settings["majority"] * counts.total():
            most = 0
        for line, source, target in zip(self._lines, self._sources, self._targets, strict=True):
            expected = source or most
            if target and expected and target != expected:
                yield self._flag(line, f"target {self._names[target]}", expected)
            elif source and most and source != most:
                yield self._flag(line, f"source {self._names[source]}", most)

    def _flag(self, line: int, what: str, expected: int) -> Flag:
        return Flag("wrong_language", line, f"{what}, not {self._names[expected]}")

    def _code(self, text: str | None) -> int:
        """0 where the language cannot be told."""
        if word_count(text) < self._settings["fewest_words"]:
            return 0
        language = language_of(text or "")
        if language not in self._names:
            self._names.append(language)
        return self._names.index(language)
