"""A base's tokenizer as training and serving use it: the token ids of both are equal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import ModelUnusable
from shared.training.template import turns_of
from workers.inference.chat import ChatTokenizer
from workers.inference.source import SourceTokenizer
from workers.inference.weights import special_tokens
from workers.training.failures import TrainingFailed
from workers.training.job import Job

PLAIN_CHAT = (
    "{{ bos_token }}{% for message in messages %}{{ message['content'] + '\\n\\n' }}{% endfor %}"
)
"""For decoders that were never taught to chat: the text, and the summary behind an empty line."""


@dataclass(frozen=True, slots=True)
class Source:
    """`length`: tokens of the whole prompt, also where `ids` were cut."""

    ids: list[int]
    length: int


class Codec:
    """Prompts and answers to ids. Raises TrainingFailed for a tokenizer that cannot be used."""

    def __init__(self, job: Job, tokenizer: Any) -> None:  # noqa: ANN401 - transformers ships no types
        self._template, self._title = job.template, job.title
        self.is_chat = job.base_kind == "decoder"
        if tokenizer.eos_token_id is None:
            _refuse("names no token that ends a text (eos_token)")
        if not self.is_chat and tokenizer.pad_token_id is None:
            _refuse("names no token for padding (pad_token)")
        self.end_id = int(tokenizer.eos_token_id)
        self.pad_id = self.end_id if tokenizer.pad_token_id is None else int(tokenizer.pad_token_id)
        self._tokenizer: ChatTokenizer | SourceTokenizer
        try:
            if self.is_chat:
                template = tokenizer.chat_template or PLAIN_CHAT
                self._tokenizer = ChatTokenizer(
                    tokenizer.backend_tokenizer, template, special_tokens(tokenizer)
                )
            else:
                self._tokenizer = SourceTokenizer(tokenizer.backend_tokenizer)
            self.overhead = self._length("")
        except ModelUnusable as error:
            raise TrainingFailed(
                "wrong_tokenizer",
                error.detail,
                "Repair the base's tokenizer, or take another base.",
            ) from None

    def source(self, note: str, most: int | None = None) -> Source:
        """The rendered prompt, the note's end cut off so that it has at most so many tokens.

        Raises ModelUnusable for a note that reads as control tokens.
        """
        ids = self._prompt(note)
        length = len(ids)
        if most is None or length <= most:
            return Source(ids, length)
        text, room = note.strip(), most - self.overhead
        ends = [end for _, end in self._tokenizer.encode(text).offsets]
        while len(ids) > most and room > 0:
            ids = self._prompt(text[: ends[min(room, len(ends)) - 1]])
            room -= max(1, len(ids) - most)
        return Source(ids, length)

    def target(self, summary: str) -> list[int]:
        """The answer with its end; of an encoder-decoder in the frame that its tokenizer has."""
        if isinstance(self._tokenizer, SourceTokenizer):
            ids = self._tokenizer.prompt((("assistant", summary),)).ids
            return ids if ids and ids[-1] == self.end_id else [*ids, self.end_id]
        return [*self._tokenizer.encode(summary.strip()).ids, self.end_id]

    def decode(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(ids).strip()

    def _prompt(self, note: str) -> list[int]:
        return self._tokenizer.prompt(turns_of(self._template, title=self._title, note=note)).ids

    def _length(self, note: str) -> int:
        return len(self._prompt(note))


def _refuse(what: str) -> None:
    raise TrainingFailed(
        "wrong_tokenizer",
        f"The base's tokenizer {what}.",
        "Add it to tokenizer_config.json of the base, or take another base.",
    )
