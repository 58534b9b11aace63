"""Small models, decoded greedily, fall into loops; an answer ends where its first one begins.

A penalty on repetition is no cure: it made SmolLM2 avoid the note's own words and double the share
of invented ones (docs/decisions/0003-engines.md).
"""

LOOP = 16
"""Tokens in a row that, once repeated, are a loop."""


class LoopWatch:
    """Follows one answer token by token."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._seen: set[tuple[int, ...]] = set()

    def add(self, token: int) -> bool:
        """True when the last `LOOP` tokens have stood in the answer before."""
        self._tokens.append(token)
        if len(self._tokens) < LOOP:
            return False
        tail = tuple(self._tokens[-LOOP:])
        looping = tail in self._seen
        self._seen.add(tail)
        return looping


def cut_loop(ids: list[int]) -> list[int]:
    """The answer up to where it begins to repeat itself; the same list where it does not."""
    watch = LoopWatch()
    for position, token in enumerate(ids):
        if watch.add(token):
            return ids[: position + 1 - LOOP]
    return ids
