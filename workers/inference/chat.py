"""Chats to tokens, as the model's own template has them."""

from pathlib import Path
from typing import NoReturn

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from shared.errors import ModelUnusable
from workers.inference.engine import Chat
from workers.inference.tokens import Prompt, TextTokenizer


class ChatTokenizer(TextTokenizer):
    """A tokenizer and the chat template that was trained with it."""

    def __init__(self, tokenizer: Tokenizer, template: str, special_tokens: dict[str, str]) -> None:
        """`special_tokens`: `bos_token` and so on, for the template. Raises ModelUnusable."""
        super().__init__(tokenizer)
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
