"""What makes a generated text useless as a whole."""

from shared.checks.degenerate import is_empty, is_prompt_echo, is_repetitive
from shared.schemas.summaries import Reason

OF_NO_USE: frozenset[Reason] = frozenset(("empty_output", "prompt_echo"))
"""Texts of these faults are given to nobody; others are flagged where they may not step down."""


def fault_of(summary: str, instruction: str, note: str) -> Reason | None:
    """The first fault of a text, if it has any.

    `instruction` is all that the model was told, and `note` what it was given to read.
    """
    if is_empty(summary):
        return "empty_output"
    if is_repetitive(summary):
        return "repeated_output"
    if is_prompt_echo(summary, instruction, note):
        return "prompt_echo"
    return None
