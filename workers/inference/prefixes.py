"""The beginnings that prompts share: what a system turn makes of each, computed once."""

from collections.abc import Sequence
from itertools import takewhile

from workers.inference.engine import Chat

_LEAST = 16
"""Tokens below which it is not worth a thought."""
_MOST = 32
"""Prefixes whose state an engine keeps for good: nothing would free it."""


class Prefixes:
    """By the first turn, which is the same for all notes of a prompt version."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}
        self._used: set[tuple[str, ...]] = set()

    def of(self, chats: Sequence[Chat], prompts: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """Of each prompt, as tokens; empty where nothing is shared with another one, or little."""
        by_turn: dict[str, list[Sequence[str]]] = {}
        for chat, tokens in zip(chats, prompts, strict=True):
            by_turn.setdefault(chat[0][1], []).append(tokens)
        shared = {turn: self._shared(turn, some) for turn, some in by_turn.items()}
        return [shared[chat[0][1]] for chat in chats]

    def _shared(self, turn: str, prompts: list[Sequence[str]]) -> tuple[str, ...]:
        known = self._known.get(turn)
        compared = prompts if known is None else [known, *prompts]
        if len({tuple(tokens) for tokens in compared}) == 1:
            return ()
        found = self._known[turn] = _common(compared)
        # The last token of a prompt has to be read anew, and so does the answer's beginning.
        shortest = min(len(tokens) for tokens in prompts)
        if len(found) < _LEAST or len(found) >= shortest:
            return ()
        if found not in self._used and len(self._used) == _MOST:
            return ()
        self._used.add(found)
        return found


def _common(prompts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    places = zip(*prompts, strict=False)
    alike = takewhile(lambda tokens: len(set(tokens)) == 1, places)
    return tuple(tokens[0] for tokens in alike)
