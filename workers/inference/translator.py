"""The fast engine of encoder-decoders (BART, T5, Pegasus), on CPU and GPU. Imports no torch.

CTranslate2 calls them translators. By default it cuts a source at 1,024 tokens without a word; here
nothing is cut: who asks splits what is longer than `input_room`.
"""

import json
import weakref
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import ctranslate2

from workers.inference.batching import plan_batches
from workers.inference.cache import Converted
from workers.inference.ctranslate2 import Way, halving, loading, watch_loops, way_of
from workers.inference.device import Device
from workers.inference.engine import Chat, Output, Request, check_source
from workers.inference.loops import cut_loop
from workers.inference.source import SourceTokenizer
from workers.inference.tokens import Prompt


class TranslatorEngine:
    """One model in this process, `threads` of the CPU or one GPU.

    `token_budget`: padded source tokens of one forward pass. `window`: tokens of the source; one
    given goes beyond the model's own only where its positions are relative (T5's).
    """

    remote = False

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        converted: Converted,
        device: Device,
        *,
        threads: int = 1,
        token_budget: int = 2048,
        window: int | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        manifest = converted.manifest
        self.name = f"{manifest.name}@{device.compute_type}:{manifest.files['model.bin'][:12]}"
        self.window = source_window(manifest.window, manifest.source_limit, window)
        self.warnings = warnings
        self._target_window = manifest.target_window
        self._token_budget = token_budget
        self._text = SourceTokenizer.read(converted.directory)
        self._end_ids = self._text.ids(manifest.end_tokens)
        self._numbers = _read_vocabulary(converted.directory)
        # CTranslate2 adds the first of them itself.
        self._forced = list(manifest.start_tokens[1:])
        with loading():
            self._translator = ctranslate2.Translator(
                str(converted.directory),
                device=device.kind,
                compute_type=device.compute_type,
                inter_threads=1,
                intra_threads=threads,
            )
        weakref.finalize(self, _settle, self._translator, manifest.end_tokens[0])

    def count_tokens(self, text: str) -> int:
        return self._text.count(text)

    def prompt_tokens(self, chat: Chat) -> int:
        return len(self._text.prompt(chat).ids)

    def input_room(self, max_output_tokens: int) -> int:  # noqa: ARG002 - the output has its own
        return self.window

    def generate(self, requests: Sequence[Request]) -> list[Output]:
        """Raises ModelUnusable past the windows, ModelUnavailable for want of memory."""
        sources = [self._text.prompt(request.chat) for request in requests]
        groups: defaultdict[Way, list[int]] = defaultdict(list)
        for index, (source, request) in enumerate(zip(sources, requests, strict=True)):
            check_source(
                len(source.ids), request.max_output_tokens, self.window, self._target_window
            )
            groups[way_of(request)].append(index)
        outputs: dict[int, Output] = {}
        for way, members in groups.items():
            for batch in plan_batches([len(sources[i].ids) for i in members], self._token_budget):
                indices = [members[position] for position in batch]
                outputs |= self._batch(indices, [sources[index] for index in indices], way)
        return [outputs[index] for index in range(len(requests))]

    def _batch(self, indices: list[int], sources: list[Prompt], way: Way) -> dict[int, Output]:
        ends = self._end_ids | (self._text.line_breaks if way.one_paragraph else frozenset())

        def run(some: list[list[str]]) -> list[list[int]]:
            results = self._translator.translate_batch(
                some,
                target_prefix=[self._forced] * len(some) if self._forced else None,
                max_input_length=0,
                max_decoding_length=way.limit + len(self._forced),
                end_token=sorted(ends),
                return_end_token=True,
                beam_size=way.num_beams,
                callback=watch_loops(len(some), way.num_beams),
            )
            # The hypotheses hold tokens; what is forced stands before them.
            answers = [result.hypotheses[0][len(self._forced) :] for result in results]
            return [[self._numbers[token] for token in answer] for answer in answers]

        answers = halving(run, [source.tokens for source in sources])
        return {
            index: self._output(source, cut_loop(ids), ends)
            for index, source, ids in zip(indices, sources, answers, strict=True)
        }

    def _output(self, source: Prompt, ids: list[int], ends: frozenset[int]) -> Output:
        return Output(
            text=self._text.decode(ids).strip(),
            input_tokens=len(source.ids),
            output_tokens=len(ids),
            finished=bool(ids) and ids[-1] in ends,
        )


def source_window(made_for: int, limit: int | None, given: int | None) -> int:
    """Tokens of a source: as given, but no more than the model has positions for."""
    wanted = given or made_for
    return wanted if limit is None else min(wanted, made_for)


def _read_vocabulary(directory: Path) -> dict[str, int]:
    """Of the target side, as CTranslate2 has it: with a token for each row of the embeddings."""
    shared = directory / "shared_vocabulary.json"
    path = shared if shared.is_file() else directory / "target_vocabulary.json"
    return {token: number for number, token in enumerate(json.loads(path.read_bytes()))}


def _settle(translator: ctranslate2.Translator, token: str) -> None:
    """As for a generator: see `ctranslate2._settle`."""
    translator.translate_batch([[token]], max_decoding_length=1, beam_size=1)
