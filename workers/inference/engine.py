"""The one protocol of everything that generates text.

An engine knows tokens and devices; it knows nothing of documents, prompts, tenants or the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Chat = tuple[tuple[str, str], ...]
"""Turns of (role, content), as chat templates have them."""


@dataclass(frozen=True, slots=True)
class Request:
    """One generation. Greedy: the same request gives the same output."""

    chat: Chat
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Output:
    """What came of it. `finished` is False when the output was cut at its limit."""

    text: str
    input_tokens: int
    output_tokens: int
    finished: bool


class Engine(Protocol):
    """Loads on construction, which raises ModelUnavailable (passing) or ModelUnusable (permanent).

    `generate` raises ModelUnavailable for what may pass (memory, a remote 5xx) and ModelUnusable for
    what will not (a request past the window).
    """

    name: str
    """Model, arithmetic and digest: what `model_version` says of a summary."""
    window: int
    """Tokens of prompt and output together."""

    def count_tokens(self, text: str) -> int: ...

    def prompt_tokens(self, chat: Chat) -> int:
        """Tokens of the whole rendered prompt."""
        ...

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Outputs in the order of the requests."""
        ...
