"""What stands around a number: what it is the number of."""

import re
from dataclasses import dataclass

from shared.text.numbers import Number
from shared.text.units import UNIT_WORDS
from shared.text.words import STOP_WORDS, stem

_NEAR = 4
"""Words on each side that say most."""
_WEIGHTS = (0.4, 0.3, 0.2, 0.1)
_WORD = re.compile(r"[^\W_]+(?:[.'\u2019][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The stems before a number and after it, the nearest first; units are not among them."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def terms(self) -> frozenset[str]:
        return frozenset(self.before + self.after)

    def closeness(self, other: "Surroundings") -> float:
        """0..1: how much of what stands nearest stands on the same side of the other, too."""
        sides = [
            _shared(mine, theirs[: _NEAR + 2])
            for mine, theirs in ((self.before, other.before), (self.after, other.after))
            if mine
        ]
        return sum(sides) / len(sides) if sides else 0.0


def surroundings(text: str, number: Number, reach: int) -> Surroundings:
    """Of a number of `text`, within `reach` characters of it."""
    start, end = number.span.start, number.span.end
    before = _stems(text[max(0, start - reach) : start])
    return Surroundings(before[::-1], _stems(text[end : end + reach]))


def _shared(mine: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    weights = _WEIGHTS[: len(mine)]
    held = sum(weight for term, weight in zip(mine, weights, strict=False) if term in theirs)
    return held / sum(weights)


def _stems(text: str) -> tuple[str, ...]:
    words = (word.lower() for word in _WORD.findall(text))
    return tuple(stem(word) for word in words if word not in STOP_WORDS and word not in UNIT_WORDS)
