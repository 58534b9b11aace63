"""What is learned from in the measurement of training: texts of real lengths.

MTS-Dialog's training pairs where EPICRISIS_DATA has them; else sentences of our own samples, put
together to lengths that are spread as those of MTS-Dialog are.
"""

import math
import random
import re
from pathlib import Path

from tests.bench.quality.data import pairs
from tests.bench.quality.errors import NoData
from workers.training.examples import Example

_SAMPLES = Path(__file__).parents[3] / "samples" / "documents" / "notes"
_SENTENCE = re.compile(r"(?<=[.:])\s+")
_SOURCE_WORDS, _TARGET_WORDS = (64, 1.0), (14, 1.2)
"""Median and spread (of the logarithm) of MTS-Dialog's 1,201 training pairs, in words."""


def real_lengths(count: int, validation: int) -> tuple[str, list[Example]]:
    """What they are, and so many to learn from with so many to validate with."""
    name, texts = _texts(count + validation)
    return name, [
        Example("validation" if line < validation else "train", line, "visit", source, target)
        for line, (source, target) in enumerate(texts)
    ]


def _texts(count: int) -> tuple[str, list[tuple[str, str]]]:
    chance = random.Random(5)
    try:
        found = [(pair.source, pair.target) for pair in pairs("mts_dialog", "train")]
    except (NoData, OSError):
        return "made-up notes of like lengths", [_made_up(chance) for _ in range(count)]
    return "MTS-Dialog", chance.sample(found, min(count, len(found)))


def _made_up(chance: random.Random) -> tuple[str, str]:
    """The target is said in the source, so that there is something to learn."""
    target = _passage(chance, *_TARGET_WORDS)
    source = f"{_passage(chance, *_SOURCE_WORDS)} {target}"
    return source, target


def _passage(chance: random.Random, median: float, spread: float) -> str:
    length = max(1, round(chance.lognormvariate(math.log(median), spread)))
    words: list[str] = []
    while len(words) < length:
        words += chance.choice(_sentences()).split()
    return " ".join(words[:length])


def _sentences() -> list[str]:
    if not _SENTENCES:
        for path in sorted(_SAMPLES.glob("*.txt")):
            _SENTENCES.extend(filter(None, _SENTENCE.split(path.read_text("utf-8"))))
    return _SENTENCES


_SENTENCES: list[str] = []
