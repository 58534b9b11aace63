"""Chats to tokens, as the model's own template has them, with no control token from their content.

A note may hold `<|im_end|>`, by accident or by malice. Encoded as it stands it would close the
user's turn and open another, so every control token's spelling in a turn is broken by a space.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from shared.errors import ModelUnusable
from workers.inference.engine import Chat


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered chat, ready to be continued. `ids` and `tokens` run in parallel."""

    ids: list[int]
    tokens: list[str]


class ChatTokenizer:
    """A tokenizer and the chat template that was trained with it."""

    def __init__(self, tokenizer: Tokenizer, template: str, special_tokens: dict[str, str]) -> None:
        """`special_tokens`: `bos_token` and so on, for the template. Raises ModelUnusable."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._special_tokens = special_tokens
        try:
            self._template = _environment().from_string(template)
        except TemplateError:
            raise ModelUnusable("The model's chat template is no valid template.") from None
        self._expected: dict[tuple[str, ...], int] = {}

    @classmethod
    def read(cls, directory: Path, special_tokens: dict[str, str]) -> "ChatTokenizer":
        """From `tokenizer.json` and `chat_template.jinja`."""
        tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        return cls(
            tokenizer, (directory / "chat_template.jinja").read_text("utf-8"), special_tokens
        )

    def count(self, text: str) -> int:
        """Tokens of a text that stands in a turn."""
        return len(self._tokenizer.encode(self._as_text(text), add_special_tokens=False).ids)

    def prompt(self, chat: Chat, prefix: str = "") -> Prompt:
        """Tokens up to and with the first words of the answer.

        Raises ModelUnusable when the template refuses the turns, or when a turn would be read as
        control tokens in spite of all.
        """
        turns = tuple((role, self._as_text(content).strip()) for role, content in chat)
        text = self._render(turns)
        encoded = self._tokenizer.encode(text + self._as_text(prefix), add_special_tokens=False)
        if self._count_control(encoded.ids) != self._expected_control(turns):
            raise ModelUnusable("A turn of the chat imitates the model's control tokens.")
        return Prompt(encoded.ids, encoded.tokens)

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
        return sum(token in self._control for token in ids)

    def _expected_control(self, turns: Chat) -> int:
        """Control tokens of the template alone, for turns of these roles."""
        roles = tuple(role for role, _ in turns)
        if roles not in self._expected:
            bare = self._render(tuple((role, "x") for role in roles))
            ids = self._tokenizer.encode(bare, add_special_tokens=False).ids
            self._expected[roles] = self._count_control(ids)
        return self._expected[roles]

    def _render(self, turns: Chat) -> str:
        try:
            return self._apply(turns)
        except TemplateError:
            pass
        if len(turns) > 1 and turns[0][0] == "system":
            # Some templates (Gemma's) refuse a system turn: it becomes the head of the next one.
            (_, system), (role, content), *rest = turns
            try:
                return self._apply(((role, f"{system}\n\n{content}"), *rest))
            except TemplateError:
                pass
        raise ModelUnusable("The model's chat template refuses the turns of the prompt.")

    def _apply(self, turns: Chat) -> str:
        messages = [{"role": role, "content": content} for role, content in turns]
        return self._template.render(
            messages=messages, add_generation_prompt=True, **self._special_tokens
        )


def _environment() -> ImmutableSandboxedEnvironment:
    """As transformers has it, but for `strftime_now`: a chat gives the same prompt on any day."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
    )
    environment.globals["raise_exception"] = _refuse
    return environment


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
