"""The fast engine: decoder models converted for CTranslate2, on CPU and GPU. Imports no torch."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import ctranslate2

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.batching import plan_batches
from workers.inference.cache import Converted
from workers.inference.chat import ChatTokenizer, Prompt
from workers.inference.device import Device
from workers.inference.engine import Chat, Output, Request, check_window

_STATIC_HEADS = 32
"""CTranslate2 never forgets the state of a static prompt (46 kB a token for SmolLM2), so only the
first few heads are kept as such: one per note type, not one per document."""


class CTranslate2Engine:
    """One model in this process, `threads` of the CPU or one GPU.

    `token_budget`: padded prompt tokens of one forward pass.
    """

    def __init__(
        self,
        converted: Converted,
        device: Device,
        *,
        threads: int = 1,
        token_budget: int = 2048,
        warnings: tuple[str, ...] = (),
    ) -> None:
        manifest = converted.manifest
        self.name = f"{manifest.name}@{device.compute_type}:{manifest.files['model.bin'][:12]}"
        self.window = manifest.window
        self.warnings = warnings
        self._token_budget = token_budget
        self._end_tokens = list(manifest.end_tokens)
        self._static_heads: set[tuple[str, ...]] = set()
        self._chat = ChatTokenizer.read(converted.directory, manifest.special_tokens)
        self._end_ids = self._chat.ids(manifest.end_tokens)
        try:
            self._generator = ctranslate2.Generator(
                str(converted.directory),
                device=device.kind,
                compute_type=device.compute_type,
                inter_threads=1,
                intra_threads=threads,
            )
        except (RuntimeError, MemoryError) as error:
            raise ModelUnavailable("The model cannot be loaded on its device.") from error
        except ValueError as error:
            raise ModelUnusable("The model is none that CTranslate2 can load.") from error

    def count_tokens(self, text: str) -> int:
        return self._chat.count(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return len(self._chat.prompt(chat).ids)

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Greedy. Raises ModelUnusable for a request past the window, ModelUnavailable for memory."""
        prompts = [self._chat.prompt(request.chat, request.prefix) for request in requests]
        groups: defaultdict[tuple[tuple[str, ...], int], list[int]] = defaultdict(list)
        for index, (prompt, request) in enumerate(zip(prompts, requests, strict=True)):
            check_window(len(prompt.ids), request.max_output_tokens, self.window)
            groups[self._head(prompt), request.max_output_tokens].append(index)
        outputs: dict[int, Output] = {}
        for (head, limit), members in groups.items():
            lengths = [len(prompts[index].ids) for index in members]
            # Of prompts of unequal length the ends are read token by token, as if they were
            # generated: company pays while that costs less than half of what it saves.
            for batch in plan_batches(lengths, self._token_budget, max_gap=limit // 2):
                indices = [members[position] for position in batch]
                batch_prompts = [prompts[index] for index in indices]
                results = self._run(batch_prompts, head, limit)
                for index, ids in zip(indices, results, strict=True):
                    outputs[index] = self._output(prompts[index], requests[index], ids)
        return [outputs[index] for index in range(len(requests))]

    def _head(self, prompt: Prompt) -> tuple[str, ...]:
        head = tuple(prompt.tokens[: prompt.static])
        if head not in self._static_heads:
            if len(self._static_heads) == _STATIC_HEADS:
                return ()
            self._static_heads.add(head)
        return head

    def _run(self, prompts: list[Prompt], head: tuple[str, ...], limit: int) -> list[list[int]]:
        """Token ids of the answers, with their end token; a batch too large for memory is halved."""
        static: dict[str, Any] = {"static_prompt": list(head)} if head else {}
        try:
            results = self._generator.generate_batch(
                [prompt.tokens[len(head) :] for prompt in prompts],
                max_length=limit,
                include_prompt_in_result=False,
                end_token=self._end_tokens,
                return_end_token=True,
                **static,
            )
        except (RuntimeError, MemoryError) as error:
            if len(prompts) == 1 or not _is_memory(error):
                raise ModelUnavailable("The model failed on its device.") from error
            middle = len(prompts) // 2
            return self._run(prompts[:middle], head, limit) + self._run(prompts[middle:], head, limit)
        return [result.sequences_ids[0] for result in results]

    def _output(self, prompt: Prompt, request: Request, ids: list[int]) -> Output:
        return Output(
            text=(request.prefix + self._chat.decode(ids)).strip(),
            input_tokens=len(prompt.ids),
            output_tokens=len(ids),
            finished=bool(ids) and ids[-1] in self._end_ids,
        )


def _is_memory(error: Exception) -> bool:
    """CTranslate2 says it in words only: std::bad_alloc, CUDA's `out of memory`."""
    message = str(error)
    return isinstance(error, MemoryError) or "out of memory" in message or "alloc" in message.lower()
