"""The one protocol of everything that generates text.

An engine knows tokens and devices; it knows nothing of documents, prompts, tenants or the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.errors import ModelUnusable

Chat = tuple[tuple[str, str], ...]
"""Turns of (role, content), as chat templates have them."""


@dataclass(frozen=True, slots=True)
class Request:
    """One generation. Greedy, or the best of some beams: nothing is drawn by chance.

    The same request alone gives the same output; in the company of others the arithmetic may round
    differently, and a close decision may fall the other way.
    """

    chat: Chat
    max_output_tokens: int
    prefix: str = ""
    """The first words of the answer, put into the model's mouth; the output begins with them.
    An engine that cannot continue an answer (a remote one, an encoder-decoder) leaves them out."""
    one_paragraph: bool = False
    """The answer ends at its first line break: small models go on with headings of their own. A
    remote model is left to finish."""
    num_beams: int = 1
    """1: greedy. A remote model is always asked greedily."""


@dataclass(frozen=True, slots=True)
class Output:
    """What came of it, stripped. `finished` is False when it was cut, at its limit or in a loop."""

    text: str
    input_tokens: int
    output_tokens: int
    finished: bool


class Engine(Protocol):
    """Loads on construction, which raises ModelUnavailable (passing) or ModelUnusable (permanent).

    `generate` raises ModelUnavailable for what may pass (memory, a remote 5xx) and ModelUnusable
    for what will not (a request past the window). One bad request fails its whole call: ask again
    with each alone to know which.
    """

    name: str
    """Model, arithmetic and digest: what `model_version` says of a summary."""
    window: int
    """Tokens of prompt and output together; of an encoder-decoder, of the source alone."""
    warnings: tuple[str, ...]
    """What every summary of this engine has to carry, such as `demonstration_model`."""
    remote: bool
    """Whether the text goes to a server: only that of tenants that opted in may."""

    def count_tokens(self, text: str) -> int: ...

    def prompt_tokens(self, chat: Chat) -> int:
        """Tokens of the whole rendered prompt."""
        ...

    def input_room(self, max_output_tokens: int) -> int:
        """Tokens that a rendered prompt may have where the output may have so many."""
        ...

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Outputs in the order of the requests."""
        ...


def check_window(input_tokens: int, max_output_tokens: int, window: int) -> None:
    """Raises ModelUnusable where prompt and output together do not fit."""
    if input_tokens + max_output_tokens > window:
        raise ModelUnusable(
            f"A prompt of {input_tokens} tokens and {max_output_tokens} of output "
            f"pass the model's window of {window}."
        )


def check_source(
    input_tokens: int, max_output_tokens: int, window: int, target_window: int | None
) -> None:
    """Raises ModelUnusable where an encoder-decoder cannot read the source or write the output."""
    if input_tokens > window:
        raise ModelUnusable(
            f"A source of {input_tokens} tokens passes the model's window of {window}."
        )
    if target_window is not None and max_output_tokens >= target_window:
        raise ModelUnusable(
            f"An output of {max_output_tokens} tokens passes the {target_window} that the model "
            "can write."
        )
