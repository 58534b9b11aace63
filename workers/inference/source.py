"""Sources of encoder-decoder models to tokens: no turns, but the frame that the model has seen."""

from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer

from shared.errors import ModelUnusable
from workers.inference.engine import Chat
from workers.inference.tokens import Prompt, TextTokenizer


class SourceTokenizer(TextTokenizer):
    """Frames a text as the tokenizer's post-processor does: `<s> … </s>`, `… </s>`."""

    @classmethod
    def read(cls, directory: Path) -> "SourceTokenizer":
        """From `tokenizer.json`."""
        return cls(Tokenizer.from_file(str(directory / "tokenizer.json")))

    def prompt(self, chat: Chat) -> Prompt:
        """The turns' contents, one a line, in their frame: an encoder knows no roles.

        Raises ModelUnusable when a text would be read as control tokens in spite of all.
        """
        text = "\n".join(self._as_text(content).strip() for _, content in chat)
        encoded = self._tokenizer.encode(text)
        if self._count_control(encoded.ids) != self._framing:
            raise ModelUnusable("The text imitates the model's control tokens.")
        return Prompt(encoded.ids, encoded.tokens)

    @cached_property
    def _framing(self) -> int:
        """Control tokens of the frame alone."""
        return self._count_control(self._tokenizer.encode("x").ids)
