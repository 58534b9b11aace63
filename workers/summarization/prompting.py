"""The prompt route: a prompt of the note type on the prompt model.

A document past the window is cut into parts on sentence ends; each is summarized, and the summaries
are merged. Nothing is cut off.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.render import render
from shared.prompts.shipped import PromptVersion, load_shipped
from shared.schemas.summaries import ProducedBy, Usage
from shared.text.merge import merge_summaries
from shared.text.sentences import sentence_spans
from shared.text.split import split_by_budget
from workers.inference.engine import Engine, Output, Request
from workers.summarization.draft import Draft, Source

PART_TOKENS = 1_500
"""A small model loses the thread of more, and attention's cost grows with the square of it."""
_MARGIN_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Prompted:
    """A document, its prompt and a request for each of its parts."""

    source: Source
    prompt: PromptVersion
    requests: Sequence[Request]


def prepare(source: Source, engine: Engine) -> Prompted:
    prompt = load_shipped(source.claim.note_type)
    overhead = engine.prompt_tokens(render(prompt, note=""))
    room = engine.window - overhead - prompt.max_output_tokens - _MARGIN_TOKENS
    parts = split_by_budget(source.text, min(room, PART_TOKENS), engine.count_tokens)
    requests = [
        Request(
            render(prompt, note=part.of(source.text)),
            prompt.max_output_tokens,
            prompt.prefix,
            prompt.one_paragraph,
        )
        for part in parts
    ]
    return Prompted(source, prompt, requests)


def generate(prepared: Sequence[Prompted], engine: Engine) -> list[list[Output]]:
    """The outputs of each document's parts; all documents in one call of the engine."""
    outputs = iter(engine.generate([request for one in prepared for request in one.requests]))
    return [list(_take(outputs, len(one.requests))) for one in prepared]


def draft_of(prompted: Prompted, outputs: Sequence[Output], engine: Engine) -> Draft:
    note_type = NOTE_TYPES.get(prompted.source.claim.note_type, NOTE_TYPES["general"])
    texts = [_whole(output) for output in outputs]
    most = note_type.sentences[1]
    return Draft(
        text=merge_summaries(texts, max_sentences=most) if len(texts) > 1 else texts[0],
        produced_by=ProducedBy(
            route="prompt",
            reason="no_fine_tuned_model",
            model_version=engine.name,
            prompt_version=prompted.prompt.identity,
        ),
        usage=Usage(
            input_tokens=sum(output.input_tokens for output in outputs),
            output_tokens=sum(output.output_tokens for output in outputs),
        ),
        coverage=1.0,
        warnings=tuple(engine.warnings),
    )


def _whole(output: Output) -> str:
    """The text, without a sentence that the limit broke off, unless there is no other."""
    if output.finished:
        return output.text
    spans = sentence_spans(output.text)
    return output.text[: spans[-1].start].rstrip() if len(spans) > 1 else output.text


def _take(outputs: Iterator[Output], count: int) -> Iterable[Output]:
    return [next(outputs) for _ in range(count)]
