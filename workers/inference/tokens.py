"""Text to tokens and back, with no control token from a text.

A note may hold `<|im_end|>` or `</s>`, by accident or by malice. Encoded as it stands it would
close a turn and open another, so every control token's spelling in a text is broken by a space.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tokenizers import Encoding, Tokenizer


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads. `ids` and `tokens` run in parallel."""

    ids: list[int]
    tokens: list[str]


class TextTokenizer:
    """What chats (`chat.py`) and sources (`source.py`) are encoded with."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer

    def count(self, text: str) -> int:
        """Tokens of a text that stands in a turn."""
        return len(self.encode(text).ids)

    def encode(self, text: str) -> Encoding:
        """Of a text that stands in a turn or in an answer, without any frame."""
        return self._tokenizer.encode(self._as_text(text), add_special_tokens=False)

    def ids(self, tokens: Sequence[str]) -> frozenset[int]:
        """Of those that the vocabulary has."""
        return frozenset(
            number for token in tokens if (number := self._tokenizer.token_to_id(token)) is not None
        )

    @cached_property
    def line_breaks(self) -> frozenset[int]:
        """Tokens that hold one."""
        ids = self._tokenizer.get_vocab(with_added_tokens=False).values()
        return frozenset(number for number in ids if "\n" in self._tokenizer.decode([number]))

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return text

    @cached_property
    def _control(self) -> dict[int, str]:
        """Tokens outside the vocabulary proper, blanks aside (some hold runs of spaces)."""
        added = self._tokenizer.get_added_tokens_decoder()
        return {i: token.content for i, token in added.items() if token.content.strip()}

    @cached_property
    def _spelling(self) -> re.Pattern[str]:
        spellings = sorted((s for s in self._control.values() if len(s) > 1), key=len, reverse=True)
        # A pattern that matches nothing, for a tokenizer that has none.
        return re.compile("|".join(map(re.escape, spellings)) or r"(?!)")

    def _as_text(self, content: str) -> str:
        return self._spelling.sub(lambda match: f"{match[0][0]} {match[0][1:]}", content)

    def _count_control(self, ids: Sequence[int]) -> int:
        """The unknown token is none: a rare character becomes one."""
        return sum(token in self._control and token != self._unknown for token in ids)

    @cached_property
    def _unknown(self) -> int | None:
        model = json.loads(self._tokenizer.to_str())["model"]
        token = model.get("unk_token")
        number: int | None = self._tokenizer.token_to_id(token) if token else model.get("unk_id")
        return number
