"""The reference engine: decoder models as transformers runs them. Imports torch, and is slow to.

For what the fast engine cannot convert, and to compare it with.
"""

from collections.abc import Sequence

import torch

from shared.errors import ModelUnavailable
from workers.inference import weights
from workers.inference.batching import plan_batches
from workers.inference.chat import ChatTokenizer, Prompt
from workers.inference.device import Device
from workers.inference.engine import Chat, Output, Request, check_window
from workers.inference.loops import cut_loop
from workers.inference.model_files import ModelFiles, model_digest

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
        arithmetic = device.compute_type if device.compute_type in _DTYPES else "float32"
        config = weights.load_config(files)
        tokenizer = weights.load_tokenizer(files)
        torch.set_num_threads(threads)
        try:
            model = weights.load_model(files, _DTYPES[arithmetic])
            self._model = model.to(device.kind)
        except (RuntimeError, MemoryError, OSError) as error:
            raise ModelUnavailable("The model cannot be loaded on its device.") from error
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

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Greedy. Raises ModelUnusable past the window, ModelUnavailable for want of memory."""
        prompts = [self._chat.prompt(request.chat, request.prefix) for request in requests]
        for prompt, request in zip(prompts, requests, strict=True):
            check_window(len(prompt.ids), request.max_output_tokens, self.window)
        outputs: dict[int, Output] = {}
        for batch in plan_batches([len(prompt.ids) for prompt in prompts], self._token_budget):
            limit = max(requests[index].max_output_tokens for index in batch)
            results = self._run([prompts[index].ids for index in batch], limit)
            for index, ids in zip(batch, results, strict=True):
                outputs[index] = self._output(prompts[index], requests[index], ids)
        return [outputs[index] for index in range(len(requests))]

    def _run(self, prompts: list[list[int]], limit: int) -> list[list[int]]:
        """Token ids of the answers; a batch too large for memory is halved."""
        try:
            return self._generate(prompts, limit)
        except (torch.OutOfMemoryError, MemoryError) as error:
            if len(prompts) == 1:
                raise ModelUnavailable("The model ran out of memory on its device.") from error
        except RuntimeError as error:
            raise ModelUnavailable("The model failed on its device.") from error
        middle = len(prompts) // 2
        return self._run(prompts[:middle], limit) + self._run(prompts[middle:], limit)

    @torch.inference_mode()
    def _generate(self, prompts: list[list[int]], limit: int) -> list[list[int]]:
        longest = max(map(len, prompts))
        padding = self._end_ids[0]  # any token: the mask hides it
        ids = torch.tensor([[padding] * (longest - len(p)) + p for p in prompts])  # (B, T)
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])  # (B, T)
        generated = self._model.generate(
            input_ids=ids.to(self._model.device),
            attention_mask=mask.to(self._model.device),
            max_new_tokens=limit,
            do_sample=False,
            eos_token_id=self._end_ids,
            pad_token_id=padding,
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
