"""Stand-ins that keep the contracts of what they stand for."""

import re
import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.engine import Chat, Engine, Output, Request, check_window
from workers.presence import Presence
from workers.summarization.versions import Versions

# In a note, these words make the fake model misbehave.
FAKE_DOWN = "fakemodeldown"
"""A passing failure: ModelUnavailable, or a 500."""
FAKE_REFUSE = "fakemodelrefuse"
"""A permanent failure: ModelUnusable, or a 400."""
FAKE_HANG = "fakemodelhang"
FAKE_EMPTY = "fakemodelempty"
FAKE_LOOP = "fakemodelloop"

_NOTE = re.compile(r"<note (\w+)>\n(.*)\n</note \1>", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def echo(chat: Chat, sentences: int = 2) -> str:
    """The first sentences of the note in the last turn: a summary that the source supports."""
    content = chat[-1][1]
    fenced = _NOTE.search(content)
    note = (fenced[2] if fenced else content).strip()
    if FAKE_EMPTY in note:
        return ""
    if FAKE_LOOP in note:
        return "The patient is stable. " * 8
    return " ".join(" ".join(_SENTENCE_END.split(note)[:sentences]).split())


class EchoEngine:
    """Answers with the first sentences of the note; a token is a word."""

    warnings: tuple[str, ...] = ()

    def __init__(self, name: str = "echo", window: int = 8192, *, remote: bool = False) -> None:
        self.name = name
        self.window = window
        self.remote = remote
        self.calls: list[int] = []
        """Requests of each call of `generate`."""
        self.chats: list[Chat] = []
        """Every prompt that it was given."""
        self.released = threading.Event()
        """Set it to let hanging calls go on."""

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def prompt_tokens(self, chat: Chat) -> int:
        return sum(self.count_tokens(content) + 1 for _, content in chat)

    def input_room(self, max_output_tokens: int) -> int:
        return self.window - max_output_tokens

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        self.calls.append(len(requests))
        self.chats += [request.chat for request in requests]
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Output:
        note = request.chat[-1][1]
        tokens = self.prompt_tokens(request.chat)
        check_window(tokens, request.max_output_tokens, self.window)
        if FAKE_DOWN in note:
            raise ModelUnavailable("The fake model is down.")
        if FAKE_REFUSE in note:
            raise ModelUnusable("The fake model refuses.")
        if FAKE_HANG in note:
            self.released.wait()
        words = echo(request.chat).split()
        kept = words[: request.max_output_tokens]
        return Output(" ".join(kept), tokens, len(kept), finished=len(kept) == len(words))


def versions(presence: Presence, engines: Mapping[str, Engine] = MappingProxyType({})) -> Versions:
    """Model versions by name, `models:/visit/1`, without an artifact store."""
    return Versions(lambda _, serving: engines[serving.name], presence, 900.0, most=2)
