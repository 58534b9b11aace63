"""How a target takes its words from its source.

Coverage and density are those of Grusky, Naaman and Artzi (2018), "Newsroom: A Dataset of 1.3
Million Summaries with Diverse Extractive Strategies", section 4: the target is read from its start,
each time taking the longest passage that the source holds, too. (The paper's pseudo-code steps over
passages that overlap in the source and so may miss the longest; its text does not, and neither do
we.) Words are compared in lower case, punctuation is not counted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.text.words import IDEOGRAPHS

_WORD = re.compile(rf"[{IDEOGRAPHS}]|\d++(?:[.,/:]\d++)+|[^\W{IDEOGRAPHS}]+(?:['\u2019]\w+)*")
NGRAMS = (1, 2, 3, 4)
_MOST_OF_SOURCE = 20_000
_MOST_OF_TARGET = 5_000
"""Words that are compared; beyond them a text is hardly a note or a summary."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """`novelty`: by n, the share of the target's n-grams that the source lacks.

    It holds no n that is longer than the target.
    """

    coverage: float
    density: float
    novelty: Mapping[int, float]
    copied_whole: bool


def tokenize(text: str) -> list[str]:
    """Words and numbers in lower case: `b12`, `don't`, `120/80` and `1.5` are one each."""
    return _WORD.findall(text.lower())


def extraction(source: Sequence[str], target: Sequence[str]) -> Extraction | None:
    """Of two tokenized texts; None where the target has no words."""
    target = target[:_MOST_OF_TARGET]
    if not target:
        return None
    places = _places(source[:_MOST_OF_SOURCE], frozenset(target))
    fragments: list[int] = []
    known = [0] * len(target)
    at = 0
    while at < len(target):
        length = _reach(places, target, at, len(target))
        if length:
            fragments.append(length)
        for inside in range(max(1, length)):
            known[at + inside] = length - inside
        at += max(1, length)
    return Extraction(
        coverage=sum(fragments) / len(target),
        density=sum(length * length for length in fragments) / len(target),
        novelty=_novelty(places, target, known),
        copied_whole=fragments == [len(target)],
    )


def _places(source: Sequence[str], wanted: frozenset[str]) -> dict[str, int]:
    """For each wanted word where it stands, as the bits of a number."""
    places: dict[str, int] = {}
    for index, word in enumerate(source):
        if word in wanted:
            places[word] = places.get(word, 0) | 1 << index
    return places


def _reach(places: Mapping[str, int], target: Sequence[str], at: int, most: int) -> int:
    """How many words of the target from `at` on, up to `most`, the source holds in a row.

    A word's bits that survive are the places where the passage so far ends.
    """
    ends = places.get(target[at], 0)
    length = 0
    while ends and length < most:
        length += 1
        if at + length == len(target):
            break
        ends = ends << 1 & places.get(target[at + length], 0)
    return length


def _novelty(
    places: Mapping[str, int], target: Sequence[str], known: Sequence[int]
) -> dict[int, float]:
    """`known`: for each word how many from there on are known to stand in the source."""
    longest = NGRAMS[-1]
    reach = [
        length if length >= longest else _reach(places, target, at, longest)
        for at, length in enumerate(known)
    ]
    return {
        n: sum(length < n for length in reach[: len(target) - n + 1]) / (len(target) - n + 1)
        for n in NGRAMS
        if n <= len(target)
    }
