"""The prompt route: a prompt of the note type on the prompt model.

A document past the window is cut into parts on sentence ends; each is summarized, and the summaries
are merged. Nothing is cut off. The sections that the note type puts first are parts of their own,
and speak first where there is more to say than the summary is long.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.note_types.shipped import NOTE_TYPES, NoteType
from shared.prompts.render import render
from shared.prompts.shipped import PromptVersion, load_shipped
from shared.schemas.summaries import ProducedBy, Usage
from shared.text.merge import merge_summaries
from shared.text.sections import split_by_section
from shared.text.sentences import sentence_spans
from shared.text.split import Measure, split_by_budget
from workers.inference.engine import Engine, Output, Request
from workers.summarization.draft import ClaimedText, Draft

PART_TOKENS = 1_500
"""A small model loses the thread of more, and attention's cost grows with the square of it."""
_MARGIN_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Prompted:
    """A document, its prompt and a request for each of its parts."""

    source: ClaimedText
    prompt: PromptVersion
    requests: Sequence[Request]
    first: int
    """So many parts, at the beginning, hold the sections that the note type puts first."""


def prompt_of(note_type: NoteType) -> PromptVersion:
    """A tenant's own note type has the prompt of general notes."""
    return load_shipped(note_type.name if note_type.name in NOTE_TYPES else "general")


def produced_by(prompt: PromptVersion, engine: Engine) -> ProducedBy:
    return ProducedBy(
        route="prompt",
        reason="no_fine_tuned_model",
        model_version=engine.name,
        prompt_version=prompt.identity,
    )


def prepare(source: ClaimedText, engine: Engine) -> Prompted:
    prompt = prompt_of(source.note_type)
    overhead = engine.prompt_tokens(render(prompt, note=""))
    room = engine.window - overhead - prompt.max_output_tokens - _MARGIN_TOKENS
    parts, first = _parts(source, min(room, PART_TOKENS), engine.count_tokens)
    requests = [
        Request(
            render(prompt, note=part),
            prompt.max_output_tokens,
            prompt.prefix,
            prompt.one_paragraph,
        )
        for part in parts
    ]
    return Prompted(source, prompt, requests, first)


def _parts(source: ClaimedText, budget: int, measure: Measure) -> tuple[list[str], int]:
    """What each request reads, and how many of the parts come first."""
    parts, titles = _cut(source.text, budget, measure), source.note_type.sections
    if len(parts) == 1 or not titles:
        return parts, 0
    named, rest = split_by_section(source.text, titles)
    first = _cut(named, budget, measure)
    return first + _cut(rest, budget, measure), len(first)


def _cut(text: str, budget: int, measure: Measure) -> list[str]:
    return [part.of(text) for part in split_by_budget(text, budget, measure)]


def generate(prepared: Sequence[Prompted], engine: Engine) -> list[list[Output]]:
    """The outputs of each document's parts; all documents in one call of the engine."""
    outputs = iter(engine.generate([request for one in prepared for request in one.requests]))
    return [list(_take(outputs, len(one.requests))) for one in prepared]


def draft_of(prompted: Prompted, outputs: Sequence[Output], engine: Engine) -> Draft:
    texts = [_whole(output) for output in outputs]
    return Draft(
        text=_merged(texts, prompted.source.note_type.sentences[1], prompted.first),
        produced_by=produced_by(prompted.prompt, engine),
        usage=Usage(
            input_tokens=sum(output.input_tokens for output in outputs),
            output_tokens=sum(output.output_tokens for output in outputs),
        ),
        coverage=1.0,
        warnings=tuple(engine.warnings),
    )


def _merged(texts: Sequence[str], most: int, first: int) -> str:
    """One text as the model wrote it, unless it is too long."""
    if len(texts) == 1 and len(sentence_spans(texts[0])) <= most:
        return texts[0]
    return merge_summaries(texts, max_sentences=most, first=first)


def _whole(output: Output) -> str:
    """The text, without a sentence that the limit broke off, unless there is no other."""
    if output.finished:
        return output.text
    spans = sentence_spans(output.text)
    return output.text[: spans[-1].start].rstrip() if len(spans) > 1 else output.text


def _take(outputs: Iterator[Output], count: int) -> Iterable[Output]:
    return [next(outputs) for _ in range(count)]
