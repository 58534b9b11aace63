"""An engine with the work of DistilBART-12-6: its shape, and weights by chance.

What it writes is no text, so each answer is the beginning of its note instead: as many words as
it was asked to write tokens, more or less. int8 through CTranslate2, the fastest there is on CPU.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import ctranslate2
import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

from workers.inference.batching import plan_batches
from workers.inference.engine import Chat, Engine, Output, Request

_VOCABULARY = 50_264
_POSITIONS = 1_024
_WRITTEN = 64
_WORDS = 45
_TOKEN_BUDGET = 4_096


class BartShapeEngine:
    """Counts tokens as `counter` does."""

    name = "bart-shape"
    window = _POSITIONS
    warnings: tuple[str, ...] = ()
    remote = False

    def __init__(self, counter: Engine) -> None:
        self._counter = counter
        self._folder = tempfile.TemporaryDirectory(prefix="epicrisis-bench-")
        path = Path(self._folder.name, "model")
        _config().save_pretrained(self._folder.name)
        _Converter(self._folder.name).convert(str(path), quantization="int8")
        self._translator = ctranslate2.Translator(
            str(path), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
        )
        self._dice = Random(1)

    def count_tokens(self, text: str) -> int:
        return self._counter.count_tokens(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return self._counter.prompt_tokens(chat)

    def input_room(self, max_output_tokens: int) -> int:  # noqa: ARG002 - its decoder has its own
        return self.window

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        lengths = [min(self.prompt_tokens(request.chat), _POSITIONS) for request in requests]
        for batch in plan_batches(lengths, _TOKEN_BUDGET):
            self._translator.translate_batch(
                [self._tokens(lengths[place]) for place in batch],
                beam_size=1,
                min_decoding_length=_WRITTEN,
                max_decoding_length=_WRITTEN,
            )
        return [
            Output(_beginning(request), length, _WRITTEN, finished=True)
            for request, length in zip(requests, lengths, strict=True)
        ]

    def _tokens(self, count: int) -> list[str]:
        return [f"t{self._dice.randrange(4, _VOCABULARY)}" for _ in range(count)]


def _beginning(request: Request) -> str:
    _, note = request.chat[-1]
    return " ".join(note.split()[8 : 8 + _WORDS])


class _Converter(TransformersConverter):  # type: ignore[misc] # ships no types
    """Makes the model instead of reading one; of the folder only the configuration is read."""

    def load_model(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        torch.manual_seed(1)
        model: Any = BartForConditionalGeneration(_config())
        return model.eval()

    def load_tokenizer(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        words = {f"t{number}": number for number in range(_VOCABULARY)}
        fast: Any = PreTrainedTokenizerFast
        return fast(
            tokenizer_object=Tokenizer(WordLevel(words, unk_token="t3")),
            bos_token="t0",
            pad_token="t1",
            eos_token="t2",
            unk_token="t3",
        )


def _config() -> BartConfig:
    config = BartConfig(vocab_size=_VOCABULARY, d_model=1_024, encoder_layers=12, decoder_layers=6)
    config.normalize_before = False  # the converter asks for it
    return config
