"""The fast engine of decoders, converted for CTranslate2, on CPU and GPU. Imports no torch."""

import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import ctranslate2

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference.batching import plan_batches
from workers.inference.cache import Converted
from workers.inference.chat import ChatTokenizer
from workers.inference.device import Device
from workers.inference.engine import Chat, Output, Request, check_window
from workers.inference.loops import LoopWatch, cut_loop
from workers.inference.prefixes import Prefixes

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Way:
    """What requests that go through the model together have in common."""

    limit: int
    one_paragraph: bool
    num_beams: int
    prefix: tuple[str, ...] = ()
    """The tokens that all of them begin with, whose state is kept."""


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
        self._prefixes = Prefixes()
        with loading():
            self._generator = ctranslate2.Generator(
                str(converted.directory),
                device=device.kind,
                compute_type=device.compute_type,
                inter_threads=1,
                intra_threads=threads,
            )
        weakref.finalize(self, _settle, self._generator, manifest.end_tokens[0])

    def count_tokens(self, text: str) -> int:
        return self._chat.count(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return len(self._chat.prompt(chat).ids)

    def input_room(self, max_output_tokens: int) -> int:
        return self.window - max_output_tokens

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Raises ModelUnusable past the window, ModelUnavailable for want of memory."""
        prompts = [self._chat.prompt(request.chat, request.prefix) for request in requests]
        groups: defaultdict[Way, list[int]] = defaultdict(list)
        prefixes = self._prefixes.of(
            [request.chat for request in requests], [prompt.tokens for prompt in prompts]
        )
        for index, (prompt, request) in enumerate(zip(prompts, requests, strict=True)):
            check_window(len(prompt.ids), request.max_output_tokens, self.window)
            groups[replace(way_of(request), prefix=prefixes[index])].append(index)
        outputs: dict[int, Output] = {}
        for way, members in groups.items():
            ends = self._end_ids | (self._chat.line_breaks if way.one_paragraph else frozenset())
            lengths = [len(prompts[index].ids) - len(way.prefix) for index in members]
            # Of prompts of unequal length the ends are read token by token, as if they were
            # generated: company pays while that costs less than half of what it saves.
            for batch in plan_batches(lengths, self._token_budget, max_gap=way.limit // 2):
                indices = [members[position] for position in batch]
                results = self._run([prompts[index].tokens for index in indices], way, ends)
                for index, ids in zip(indices, results, strict=True):
                    outputs[index] = Output(
                        text=(requests[index].prefix + self._chat.decode(ids)).strip(),
                        input_tokens=len(prompts[index].ids),
                        output_tokens=len(ids),
                        finished=bool(ids) and ids[-1] in ends,
                    )
        return [outputs[index] for index in range(len(requests))]

    def _run(self, prompts: list[list[str]], way: Way, ends: frozenset[int]) -> list[list[int]]:
        """Token ids of the answers, with their end; a batch too large for memory is halved."""

        def run(some: list[list[str]]) -> list[list[int]]:
            results = self._generator.generate_batch(
                [tokens[len(way.prefix) :] for tokens in some],
                static_prompt=way.prefix or None,
                max_length=way.limit,
                include_prompt_in_result=False,
                end_token=sorted(ends),
                return_end_token=True,
                beam_size=way.num_beams,
                callback=watch_loops(len(some), way.num_beams),
            )
            return [cut_loop(result.sequences_ids[0]) for result in results]

        return halving(run, prompts)


def way_of(request: Request) -> Way:
    return Way(request.max_output_tokens, request.one_paragraph, request.num_beams)


@contextmanager
def loading() -> Iterator[None]:
    """Raises ModelUnavailable for what may pass, ModelUnusable for what will not."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        raise ModelUnavailable("The model cannot be loaded on its device.") from error
    except ValueError as error:
        raise ModelUnusable("The model is none that CTranslate2 can load.") from error


def watch_loops(requests: int, num_beams: int) -> Callable[[Any], bool] | None:
    """A callback that ends answers which loop; beams have none, and are cut when they are done."""
    if num_beams > 1:
        return None
    watches = [LoopWatch() for _ in range(requests)]
    return lambda step: watches[step.batch_id].add(step.token_id)


def halving(run: Callable[[list[Item]], list[list[int]]], items: list[Item]) -> list[list[int]]:
    """What `run` makes of the items; those too many for memory go in halves.

    Raises ModelUnavailable.
    """
    try:
        return run(items)
    except (RuntimeError, MemoryError) as error:
        if len(items) == 1 or not _is_memory(error):
            raise ModelUnavailable("The model failed on its device.") from error
    middle = len(items) // 2
    return halving(run, items[:middle]) + halving(run, items[middle:])


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
