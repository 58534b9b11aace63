"""Turns of a chat with a model, written into a note."""

import re
from collections.abc import Iterator

_ASKS = "user|human|prompt"
_ANSWERS = "assistant|ai|bot|chatbot|model|llm|gpt|chatgpt|ai assistant"
_TURN = re.compile(
    rf"^[#>*\[(<-]{{0,3}} ?(?:(?P<asks>{_ASKS})|(?P<answers>{_ANSWERS})|system)[\])>]? ?:",
    re.MULTILINE,
)
_NEAR = 600
"""Characters within which both sides of a chat speak."""


def chat_turns(text: str) -> Iterator[tuple[int, int]]:
    """Where each mark of a turn begins and ends, of a lower-cased text in single blanks.

    One side alone is none: operative notes name an `Assistant:`, and `AI:` is a leaking valve.
    """
    turns = list(_TURN.finditer(text))
    for turn in turns:
        sides = {other.lastgroup for other in turns if abs(other.start() - turn.start()) <= _NEAR}
        if {"asks", "answers"} <= sides:
            yield turn.span()
