"""What several steps read from one row, read once: they look at a row one after another."""

from functools import lru_cache

from shared.checks.source import Source
from shared.datasets.similarity.normal import tokens
from shared.text.evidence import SourceIndex
from shared.text.language import detect


@lru_cache(maxsize=1)
def source_of(text: str) -> Source:
    return Source(SourceIndex(text))


@lru_cache(maxsize=2)
def language_of(text: str) -> str | None:
    return detect(text)


def word_count(text: str | None) -> int:
    return len(tokens(text or ""))
