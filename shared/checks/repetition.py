"""Sentences of a summary that say again what an earlier one has said."""

from collections.abc import Iterable

from shared.checks.finding import Finding
from shared.text.duplicates import Content, content_of, is_same

_REPEAT_TERMS = 3
"""A shorter line (`Hypothyroidism.`) may stand in the history and in the plan."""


def repeated(sentences: Iterable[str]) -> list[list[Finding]]:
    """For each sentence one finding where an earlier one has said the same, else none."""
    earlier: list[Content] = []
    found = []
    for sentence in sentences:
        content = content_of(sentence)
        again = len(content.terms) >= _REPEAT_TERMS and any(
            is_same(content, before) for before in earlier
        )
        found.append([Finding("repeated", sentence, 0, len(sentence))] if again else [])
        earlier.append(content)
    return found
