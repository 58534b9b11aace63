"""Which sentences of a reference the source supports as they stand, by plain string rules.

Strict rather than large: all that a sentence says has to stand in a few consecutive sentences (or
turns) of the source, and these have to agree with it in negation and side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.quality.data import Pair
from tests.bench.quality.plain_words import LATERAL, Piece, content, is_negation, pieces

WINDOWS = {"mtsamples": 3, "aci_bench": 6, "mts_dialog": 6}
"""Consecutive pieces of the source that may support a sentence together."""
_FEWEST, _MOST = 2, 40


@dataclass(frozen=True, slots=True)
class Supported:
    """`target[start:end]` is said by `source[source_start:source_end]`."""

    pair: Pair
    start: int
    end: int
    source_start: int
    source_end: int

    @property
    def text(self) -> str:
        return self.pair.target[self.start : self.end]

    @property
    def window(self) -> str:
        return self.pair.source[self.source_start : self.source_end]


def supported_sentences(pair: Pair) -> list[Supported]:
    source = pieces(pair.source)
    found = []
    for piece in pieces(pair.target):
        window = _window(piece, source, WINDOWS[pair.dataset])
        if _is_sentence(pair.target[piece.start : piece.end]) and window is not None:
            found.append(Supported(pair, piece.start, piece.end, *window))
    return found


def _is_sentence(text: str) -> bool:
    return _FEWEST <= len(text.split()) <= _MOST and not text.isupper() and text[-1] not in ":,;?"


def _window(said: Piece, source: Sequence[Piece], size: int) -> tuple[int, int] | None:
    """The first that agrees of the shortest windows that hold it all."""
    wanted = content(list(said.tokens))
    if len(wanted) < _FEWEST:
        return None
    for width in range(1, size + 1):
        holding = [
            first
            for first in range(len(source) - width + 1)
            if wanted & source[first].tokens and wanted <= _tokens(source[first : first + width])
        ]
        for first in holding:
            window = source[first : first + width]
            if _agrees(said.tokens, _tokens([*window, *_answer(source, first + width)])):
                return window[0].start, window[-1].end
        if holding:
            return None
    return None


def _tokens(window: Sequence[Piece]) -> frozenset[str]:
    return frozenset[str]().union(*(piece.tokens for piece in window))


def _answer(source: Sequence[Piece], place: int) -> Sequence[Piece]:
    """What follows a doctor's words or a question may turn them round."""
    asked = source[place - 1]
    return source[place : place + 1] if asked.is_question or "doctor" in asked.tokens else ()


def _agrees(said: frozenset[str], held: frozenset[str]) -> bool:
    return _negated(said) == _negated(held) and said & LATERAL == held & LATERAL


def _negated(read: frozenset[str]) -> bool:
    return any(map(is_negation, read))
