"""A version's sources beside what the system was asked to summarize lately."""

from collections import Counter
from collections.abc import Iterable

from shared.datasets.report.extractiveness import tokenize
from shared.datasets.report.measurements import Measurements
from shared.datasets.report.sketches import FrequentItems
from shared.datasets.report.vocabulary import only_words, telling
from shared.schemas.dataset_reports import Comparison, TermShift
from shared.text.language import detect

_MOST_TEXTS = 500
_MOST_WORDS = 50_000
"""Different words that are followed through the sources."""
_IN_TEXTS = 3
"""A word is shown only if that many texts hold it: names of people seldom do."""
_SHOWN = 12
_FAR = 0.1
"""Difference of shares from which a word is shown."""
READ_FOR_LANGUAGE = 1_000
"""Characters; enough to tell the language of prose."""


class Lately:
    """What was asked for, read first; then every source of the version passes by once."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = 0
        self._lengths = Measurements()
        self._languages: Counter[str] = Counter()
        self._occurrences: FrequentItems[str] = FrequentItems(_MOST_WORDS)
        self._holders: FrequentItems[str] = FrequentItems(_MOST_WORDS)
        for text, _ in zip(texts, range(_MOST_TEXTS), strict=False):
            tokens = tokenize(text)
            counts = only_words(tokens)
            self._texts += 1
            self._lengths.add(len(tokens))
            self._languages[detect(text[:READ_FOR_LANGUAGE]) or "unknown"] += 1
            self._occurrences.add(counts.elements())
            self._holders.add(telling(counts))
        self._wanted = frozenset(word for word, _ in self._occurrences.most_common())
        self._sources: Counter[str] = Counter()
        self._rows = 0

    def observe(self, counts: Counter[str]) -> None:
        """The words of one kept source."""
        self._rows += 1
        if self._wanted:
            self._sources.update(self._wanted.intersection(counts))

    def comparison(
        self, lengths: Measurements, shares: Iterable[tuple[str, float]]
    ) -> Comparison | None:
        """`lengths` of the kept sources in words; `shares` of those that hold each frequent word.

        None where nothing was asked for, or nothing is kept.
        """
        here, lately = lengths.distribution(), self._lengths.distribution()
        if here is None or lately is None:
            return None
        missing, rarer = self._shifts()
        return Comparison(
            texts=self._texts,
            words=lately,
            longer=round(self._lengths.share_above(here.p95), 4),
            shorter=round(self._lengths.share_below(here.p5), 4),
            unknown=round(self._unknown(), 4),
            missing=missing,
            rarer=rarer,
            commoner=self._commoner(shares),
            languages=dict(self._languages.most_common()),
        )

    def _unknown(self) -> float:
        words = self._occurrences.most_common()
        lacking = sum(count for word, count in words if word not in self._sources)
        return lacking / max(1, sum(count for _, count in words))

    def _shifts(self) -> tuple[list[TermShift], list[TermShift]]:
        """Words of the texts that no source holds, and those that far fewer sources hold."""
        missing, rarer = [], []
        for word, texts in self._holders.most_common():
            if texts >= _IN_TEXTS:
                shift = self._shift(word, self._sources[word] / self._rows, texts / self._texts)
                if word not in self._sources:
                    missing.append(shift)
                elif shift.lately - shift.here >= _FAR:
                    rarer.append(shift)
        rarer.sort(key=lambda shift: shift.here - shift.lately)
        return missing[:_SHOWN], rarer[:_SHOWN]

    def _commoner(self, shares: Iterable[tuple[str, float]]) -> list[TermShift]:
        held = dict(self._holders.most_common())
        shifts = [
            self._shift(word, share, held.get(word, 0) / self._texts)
            for word, share in shares
            if share >= _FAR
        ]
        far = [shift for shift in shifts if shift.here - shift.lately >= _FAR]
        return sorted(far, key=lambda shift: shift.lately - shift.here)[:_SHOWN]

    @staticmethod
    def _shift(word: str, here: float, lately: float) -> TermShift:
        return TermShift(term=word, here=round(here, 4), lately=round(lately, 4))
