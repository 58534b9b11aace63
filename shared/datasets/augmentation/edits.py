"""Replacements in a text, found first and made together."""

from collections.abc import Iterable

from shared.text.spans import Span

Edit = tuple[Span, str]
"""What stands in a span from now on."""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all of them made; they must not overlap."""
    pieces, past = [], 0
    for span, new in sorted(edits):
        pieces += [text[past : span.start], new]
        past = span.end
    return "".join([*pieces, text[past:]])
