"""The figures of a dataset version, in one pass over its rows."""

from collections.abc import Iterable

from shared.datasets.records import Judged
from shared.schemas.datasets import Report


def measure(rows: Iterable[Judged], lately: Iterable[str] = ()) -> Report:
    """`lately`: texts that the system was asked to summarize."""
    raise NotImplementedError
