"""A source as the checks see it: read once for all sentences of its summary."""

from functools import cached_property

from shared.text.evidence import SourceIndex
from shared.text.numbers import KnownNumbers


class Source:
    """`index` is the source's text with its sentences and headings."""

    def __init__(self, index: SourceIndex) -> None:
        self.index = index

    @property
    def text(self) -> str:
        return self.index.text

    @cached_property
    def numbers(self) -> KnownNumbers:
        return self.index.numbers
