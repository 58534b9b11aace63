"""The fast engine: decoder models converted for CTranslate2, on CPU and GPU. Imports no torch."""

import weakref
from collections import defaultdict
from collections.abc import Sequence

import ctranslate2

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.batching import plan_batches
from workers.inference.cache import Converted
from workers.inference.chat import ChatTokenizer
from workers.inference.device import Device
from workers.inference.engine import Chat, Output, Request, check_window
from workers.inference.loops import LoopWatch, cut_loop


class CTranslate2Engine:
    """One model in this process, `threads` of the CPU or one GPU.

    `token_budget`: padded prompt tokens of one forward pass.
    """

    remote = False

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
        weakref.finalize(self, _settle, self._generator, manifest.end_tokens[0])

    def count_tokens(self, text: str) -> int:
        return self._chat.count(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return len(self._chat.prompt(chat).ids)

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Greedy. Raises ModelUnusable past the window, ModelUnavailable for want of memory."""
        prompts = [self._chat.prompt(request.chat, request.prefix) for request in requests]
        groups: defaultdict[tuple[int, bool], list[int]] = defaultdict(list)
        for index, (prompt, request) in enumerate(zip(prompts, requests, strict=True)):
            check_window(len(prompt.ids), request.max_output_tokens, self.window)
            groups[request.max_output_tokens, request.one_paragraph].append(index)
        outputs: dict[int, Output] = {}
        for (limit, one_paragraph), members in groups.items():
            ends = self._end_ids | (self._chat.line_breaks if one_paragraph else frozenset())
            lengths = [len(prompts[index].ids) for index in members]
            # Of prompts of unequal length the ends are read token by token, as if they were
            # generated: company pays while that costs less than half of what it saves.
            for batch in plan_batches(lengths, self._token_budget, max_gap=limit // 2):
                indices = [members[position] for position in batch]
                results = self._run([prompts[index].tokens for index in indices], limit, ends)
                for index, ids in zip(indices, results, strict=True):
                    outputs[index] = Output(
                        text=(requests[index].prefix + self._chat.decode(ids)).strip(),
                        input_tokens=len(prompts[index].ids),
                        output_tokens=len(ids),
                        finished=bool(ids) and ids[-1] in ends,
                    )
        return [outputs[index] for index in range(len(requests))]

    def _run(self, prompts: list[list[str]], limit: int, ends: frozenset[int]) -> list[list[int]]:
        """Token ids of the answers, with their end; a batch too large for memory is halved."""
        watches = [LoopWatch() for _ in prompts]
        try:
            results = self._generator.generate_batch(
                prompts,
                max_length=limit,
                include_prompt_in_result=False,
                end_token=sorted(ends),
                return_end_token=True,
                callback=lambda step: watches[step.batch_id].add(step.token_id),
            )
        except (RuntimeError, MemoryError) as error:
            if len(prompts) == 1 or not _is_memory(error):
                raise ModelUnavailable("The model failed on its device.") from error
            middle = len(prompts) // 2
            halves = prompts[:middle], prompts[middle:]
            return [ids for half in halves for ids in self._run(half, limit, ends)]
        return [cut_loop(result.sequences_ids[0]) for result in results]


def _settle(generator: ctranslate2.Generator, token: str) -> None:
    """Wait until the generator's thread has let go of the last call's callback.

    It does so after the call has returned, and needs the interpreter for it: one that is ending
    meanwhile aborts (5 of 10 scripts that ended at once). Calls are served in turn.
    """
    generator.generate_batch([[token]], max_length=1)


def _is_memory(error: Exception) -> bool:
    """CTranslate2 says it in words only: std::bad_alloc, CUDA's `out of memory`."""
    message = str(error)
    return (
        isinstance(error, MemoryError) or "out of memory" in message or "alloc" in message.lower()
    )
