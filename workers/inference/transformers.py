"""The reference engine of decoders, as transformers runs them. Imports torch, and is slow to.

For what the fast engine cannot convert, and to compare it with.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from transformers import GenerationConfig

from shared.errors import ModelUnavailable
from shared.schemas.training import ModelKind
from workers.inference import weights
from workers.inference.batching import plan_batches
from workers.inference.chat import ChatTokenizer
from workers.inference.device import Device
from workers.inference.engine import Chat, Output, Request, check_window
from workers.inference.loops import cut_loop
from workers.inference.model_files import ModelFiles, model_digest
from workers.inference.tokens import Prompt

_DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}


class TransformersEngine:
    """One model in this process. Arithmetic that torch has no generation for (int8) is float32.

    `token_budget`: padded prompt tokens of one forward pass. Attention is PyTorch's SDPA.
    """

    remote = False

    def __init__(
        self,
        files: ModelFiles,
        device: Device,
        *,
        threads: int = 1,
        token_budget: int = 2048,
        warnings: tuple[str, ...] = (),
    ) -> None:
        arithmetic = arithmetic_of(device)
        config = weights.load_config(files)
        tokenizer = weights.load_tokenizer(files)
        torch.set_num_threads(threads)
        model = self._model = load_onto(files, device)
        self.name = f"{files.name}@{arithmetic}:{model_digest(files)[:12]}"
        self.window = weights.window(config, tokenizer)
        self.warnings = warnings
        self._token_budget = token_budget
        self._chat = ChatTokenizer(
            tokenizer.backend_tokenizer, tokenizer.chat_template, weights.special_tokens(tokenizer)
        )
        self._end_ids = sorted(self._chat.ids(weights.end_tokens(model, tokenizer)))

    def count_tokens(self, text: str) -> int:
        return self._chat.count(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return len(self._chat.prompt(chat).ids)

    def input_room(self, max_output_tokens: int) -> int:
        return self.window - max_output_tokens

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Raises ModelUnusable past the window, ModelUnavailable for want of memory."""
        prompts = [self._chat.prompt(request.chat, request.prefix) for request in requests]
        for prompt, request in zip(prompts, requests, strict=True):
            check_window(len(prompt.ids), request.max_output_tokens, self.window)
        outputs: dict[int, Output] = {}
        for beams in sorted({request.num_beams for request in requests}):
            members = [i for i, request in enumerate(requests) if request.num_beams == beams]
            for batch in plan_batches([len(prompts[i].ids) for i in members], self._token_budget):
                indices = [members[position] for position in batch]
                limit = max(requests[index].max_output_tokens for index in indices)
                results = halve_if_too_large(
                    partial(self._generate, limit=limit, beams=beams),
                    [prompts[index].ids for index in indices],
                )
                for index, ids in zip(indices, results, strict=True):
                    outputs[index] = self._output(prompts[index], requests[index], ids)
        return [outputs[index] for index in range(len(requests))]

    @torch.inference_mode()
    def _generate(self, prompts: list[list[int]], limit: int, beams: int) -> list[list[int]]:
        longest = max(map(len, prompts))
        padding = self._end_ids[0]  # any token: the mask hides it
        ids = torch.tensor([[padding] * (longest - len(p)) + p for p in prompts])  # (B, T)
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])  # (B, T)
        generated = self._model.generate(
            input_ids=ids.to(self._model.device),
            attention_mask=mask.to(self._model.device),
            generation_config=GenerationConfig(  # type: ignore[no-untyped-call]
                max_new_tokens=limit,
                num_beams=beams,
                do_sample=False,
                eos_token_id=self._end_ids,
                pad_token_id=padding,
            ),
        )  # (B, T + N)
        answers: list[list[int]] = generated[:, longest:].tolist()
        return answers

    def _output(self, prompt: Prompt, request: Request, ids: list[int]) -> Output:
        ids = ids[: request.max_output_tokens]
        breaks = self._chat.line_breaks if request.one_paragraph else frozenset()
        ends = [p for p, token in enumerate(ids) if token in breaks or token in self._end_ids]
        ids = cut_loop(ids[: ends[0] + 1] if ends else ids)
        return Output(
            text=(request.prefix + self._chat.decode(ids)).strip(),
            input_tokens=len(prompt.ids),
            output_tokens=len(ids),
            finished=bool(ends) and len(ids) == ends[0] + 1,
        )


def arithmetic_of(device: Device) -> str:
    """What torch computes in where the fast engine would in the device's compute type."""
    return device.compute_type if device.compute_type in _DTYPES else "float32"


def load_onto(files: ModelFiles, device: Device, kind: ModelKind = "decoder") -> Any:  # noqa: ANN401
    """The model on its device. Raises ModelUnavailable."""
    try:
        return weights.load_model(files, _DTYPES[arithmetic_of(device)], kind).to(device.kind)
    except (RuntimeError, MemoryError, OSError) as error:
        raise ModelUnavailable("The model cannot be loaded on its device.") from error


def halve_if_too_large(
    run: Callable[[list[list[int]]], list[list[int]]], prompts: list[list[int]]
) -> list[list[int]]:
    """Token ids of the answers; a batch too large for memory is halved. Raises ModelUnavailable."""
    try:
        return run(prompts)
    except (torch.OutOfMemoryError, MemoryError) as error:
        if len(prompts) == 1:
            raise ModelUnavailable("The model ran out of memory on its device.") from error
    except RuntimeError as error:
        raise ModelUnavailable("The model failed on its device.") from error
    middle = len(prompts) // 2
    return halve_if_too_large(run, prompts[:middle]) + halve_if_too_large(run, prompts[middle:])
