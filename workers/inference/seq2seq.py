"""The reference engine of encoder-decoders, as transformers runs them. Imports torch.

For LED and EncoderDecoderModel, which the fast engine lacks, and to compare it with.
"""

from collections.abc import Sequence
from functools import partial

import torch
from transformers import GenerationConfig

from workers.inference import weights
from workers.inference.batching import plan_batches
from workers.inference.device import Device
from workers.inference.engine import Chat, Output, Request, check_source
from workers.inference.loops import cut_loop
from workers.inference.model_files import ModelFiles, model_digest
from workers.inference.source import SourceTokenizer
from workers.inference.tokens import Prompt
from workers.inference.transformers import arithmetic_of, halve_if_too_large, load_onto
from workers.inference.translator import source_window


class Seq2SeqEngine:
    """One model in this process; the settings are those of `translator.TranslatorEngine`."""

    remote = False

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        files: ModelFiles,
        device: Device,
        *,
        threads: int = 1,
        token_budget: int = 2048,
        window: int | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        config = weights.load_config(files)
        tokenizer = weights.load_tokenizer(files, "encoder_decoder")
        torch.set_num_threads(threads)
        self._model = load_onto(files, device, "encoder_decoder")
        self.name = f"{files.name}@{arithmetic_of(device)}:{model_digest(files)[:12]}"
        self.window = source_window(
            weights.window(config, tokenizer), weights.source_limit(config), window
        )
        self.warnings = warnings
        self._target_window = weights.target_window(config)
        self._token_budget = token_budget
        self._text = SourceTokenizer(tokenizer.backend_tokenizer)
        self._end_ids = sorted(self._text.ids(weights.end_tokens(self._model, tokenizer)))
        self._start = tokenizer.convert_tokens_to_ids(
            list(weights.start_tokens(self._model, tokenizer))
        )
        self._reads_globally = config.model_type == "led"

    def count_tokens(self, text: str) -> int:
        return self._text.count(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return len(self._text.prompt(chat).ids)

    def input_room(self, max_output_tokens: int) -> int:  # noqa: ARG002 - the output has its own
        return self.window

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Raises ModelUnusable past the windows, ModelUnavailable for want of memory."""
        sources = [self._text.prompt(request.chat) for request in requests]
        for source, request in zip(sources, requests, strict=True):
            check_source(
                len(source.ids), request.max_output_tokens, self.window, self._target_window
            )
        outputs: dict[int, Output] = {}
        for beams in sorted({request.num_beams for request in requests}):
            members = [i for i, request in enumerate(requests) if request.num_beams == beams]
            for batch in plan_batches([len(sources[i].ids) for i in members], self._token_budget):
                indices = [members[position] for position in batch]
                limit = max(requests[index].max_output_tokens for index in indices)
                results = halve_if_too_large(
                    partial(self._generate, limit=limit, beams=beams),
                    [sources[index].ids for index in indices],
                )
                for index, ids in zip(indices, results, strict=True):
                    outputs[index] = self._output(sources[index], requests[index], ids)
        return [outputs[index] for index in range(len(requests))]

    @torch.inference_mode()
    def _generate(self, sources: list[list[int]], limit: int, beams: int) -> list[list[int]]:
        longest = max(map(len, sources))
        padding = self._end_ids[0]  # any token: the mask hides it
        ids = torch.tensor([s + [padding] * (longest - len(s)) for s in sources])  # (B, T)
        mask = torch.tensor([[1] * len(s) + [0] * (longest - len(s)) for s in sources])  # (B, T)
        first, *forced = self._start
        beyond = {}
        if self._reads_globally:
            # Every token sees the first one, and it sees all: as LED was trained to summarize.
            beyond["global_attention_mask"] = torch.zeros_like(mask).index_fill_(
                1, torch.tensor([0]), 1
            )
        generated = self._model.generate(
            input_ids=ids.to(self._model.device),
            attention_mask=mask.to(self._model.device),
            decoder_input_ids=torch.tensor([self._start] * len(sources)).to(self._model.device),
            generation_config=GenerationConfig(  # type: ignore[no-untyped-call]
                max_new_tokens=limit,
                num_beams=beams,
                early_stopping=beams > 1,
                do_sample=False,
                decoder_start_token_id=first,
                eos_token_id=self._end_ids,
                pad_token_id=padding,
            ),
            **{name: tensor.to(self._model.device) for name, tensor in beyond.items()},
        )  # (B, 1 + F + N)
        answers: list[list[int]] = generated[:, 1 + len(forced) :].tolist()
        return answers

    def _output(self, source: Prompt, request: Request, ids: list[int]) -> Output:
        ids = ids[: request.max_output_tokens]
        breaks = self._text.line_breaks if request.one_paragraph else frozenset()
        ends = [p for p, token in enumerate(ids) if token in breaks or token in self._end_ids]
        ids = cut_loop(ids[: ends[0] + 1] if ends else ids)
        return Output(
            text=self._text.decode(ids).strip(),
            input_tokens=len(source.ids),
            output_tokens=len(ids),
            finished=bool(ends) and len(ids) == ends[0] + 1,
        )
