"""One model in two forms, asked the same: transformers in float32, and CTranslate2. Imports torch.

Each form gives the log-probability (nats) of every token of a given output under teacher forcing,
and the tokens that it would choose itself, greedily.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ctranslate2
import torch
from transformers import GenerationConfig

from workers.inference import weights
from workers.inference.cache import Converted
from workers.inference.chat import ChatTokenizer
from workers.inference.engine import Chat
from workers.inference.model_files import ModelFiles
from workers.inference.source import SourceTokenizer

_DEFAULT_TARGET = 512
"""Tokens of an output that is compared where the model sets no bound."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Token ids; the target without start and end."""

    source: list[int]
    target: list[int]


class Form(Protocol):
    def score(self, sample: Sample) -> list[float]:
        """Of each token of the target."""
        ...

    def choose(self, sample: Sample, limit: int) -> list[int]:
        """At most `limit` tokens, without the end."""
        ...


class Encoder:
    """Samples in the ids of a model's own tokenizer, cut to what the model can read and write."""

    def __init__(self, files: ModelFiles) -> None:
        config = weights.load_config(files)
        self._kind = weights.kind_of(config)
        tokenizer = weights.load_tokenizer(files, self._kind)
        self._window = weights.window(config, tokenizer)
        self._target_window = weights.target_window(config) or _DEFAULT_TARGET
        self._tokenizer = tokenizer
        self._text: ChatTokenizer | SourceTokenizer = (
            ChatTokenizer(
                tokenizer.backend_tokenizer,
                tokenizer.chat_template,
                weights.special_tokens(tokenizer),
            )
            if self._kind == "decoder"
            else SourceTokenizer(tokenizer.backend_tokenizer)
        )

    def encode(self, chat: Chat, target: str) -> Sample:
        source = self._text.prompt(chat).ids
        ids = self._tokenizer.backend_tokenizer.encode(target, add_special_tokens=False).ids
        if self._kind == "encoder_decoder":
            return Sample(source[: self._window], ids[: self._target_window - 2])
        ids = ids[: self._window // 2]
        return Sample(source[-(self._window - len(ids)) :], ids)


class ReferenceForm:
    """transformers, float32, on CPU."""

    def __init__(self, files: ModelFiles) -> None:
        config = weights.load_config(files)
        self._kind = weights.kind_of(config)
        tokenizer = weights.load_tokenizer(files, self._kind)
        self._model = weights.load_model(files, torch.float32, self._kind)
        self._ends = tokenizer.convert_tokens_to_ids(
            list(weights.end_tokens(self._model, tokenizer))
        )
        self._start = (
            tokenizer.convert_tokens_to_ids(list(weights.start_tokens(self._model, tokenizer)))
            if self._kind == "encoder_decoder"
            else []
        )

    @torch.inference_mode()
    def score(self, sample: Sample) -> list[float]:
        target = torch.tensor(sample.target)  # (N,)
        if self._kind == "decoder":
            logits = self._model(input_ids=torch.tensor([sample.source + sample.target])).logits
            first = len(sample.source) - 1
        else:
            logits = self._model(
                input_ids=torch.tensor([sample.source]),
                decoder_input_ids=torch.tensor([self._start + sample.target]),
            ).logits
            first = len(self._start) - 1
        said = logits[0, first : first + len(target)].log_softmax(-1)  # (N, V)
        scores: list[float] = said.gather(1, target[:, None])[:, 0].tolist()
        return scores

    @torch.inference_mode()
    def choose(self, sample: Sample, limit: int) -> list[int]:
        begun: dict[str, Any] = {}
        if self._start:
            begun["decoder_input_ids"] = torch.tensor([self._start])
        ids = torch.tensor([sample.source])
        generated = self._model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            generation_config=GenerationConfig(  # type: ignore[no-untyped-call]
                max_new_tokens=limit,
                do_sample=False,
                decoder_start_token_id=self._start[0] if self._start else None,
                eos_token_id=self._ends,
                pad_token_id=self._ends[0],
            ),
            **begun,
        )[0]
        return _until(generated[len(self._start) or len(sample.source) :].tolist(), self._ends)


class FastForm:
    """CTranslate2, on CPU, in the arithmetic that it was converted to."""

    def __init__(self, converted: Converted) -> None:
        manifest = converted.manifest
        self._kind = manifest.kind
        self._tokens = _read_vocabulary(converted.directory)
        self._numbers = {token: number for number, token in enumerate(self._tokens)}
        self._ends = [self._numbers[token] for token in manifest.end_tokens]
        self._forced = list(manifest.start_tokens[1:])
        make = ctranslate2.Generator if self._kind == "decoder" else ctranslate2.Translator
        self._engine = make(
            str(converted.directory), device="cpu", compute_type=manifest.compute_type
        )

    def score(self, sample: Sample) -> list[float]:
        source, target = self._named(sample.source), self._named(sample.target)
        if self._kind == "decoder":
            (result,) = self._engine.score_batch([source + target], max_input_length=0)
            return list(result.log_probs[-len(target) :])
        (result,) = self._engine.score_batch([source], [self._forced + target], max_input_length=0)
        # The last is the end token's.
        return list(result.log_probs[len(self._forced) : len(self._forced) + len(target)])

    def choose(self, sample: Sample, limit: int) -> list[int]:
        source = self._named(sample.source)
        if self._kind == "decoder":
            (result,) = self._engine.generate_batch(
                [source], max_length=limit, include_prompt_in_result=False, end_token=self._ends
            )
            return _until(list(result.sequences_ids[0]), self._ends)
        (result,) = self._engine.translate_batch(
            [source],
            target_prefix=[self._forced] if self._forced else None,
            beam_size=1,
            max_input_length=0,
            max_decoding_length=limit + len(self._forced),
            end_token=self._ends,
        )
        chosen = result.hypotheses[0][len(self._forced) :]
        return _until([self._numbers[token] for token in chosen], self._ends)

    def _named(self, ids: Sequence[int]) -> list[str]:
        return [self._tokens[number] for number in ids]


def _read_vocabulary(directory: Path) -> list[str]:
    names = ("vocabulary.json", "shared_vocabulary.json", "target_vocabulary.json")
    found = next(path for name in names if (path := directory / name).is_file())
    tokens: list[str] = json.loads(found.read_bytes())
    return tokens


def _until(ids: list[int], ends: Sequence[int]) -> list[int]:
    position = next((p for p, number in enumerate(ids) if number in ends), len(ids))
    return ids[:position]
