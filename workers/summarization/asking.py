"""What is asked of an engine for a document, and the draft that comes of its answers.

A document past the window is cut into parts on sentence ends; each is summarized, and the summaries
are merged. Nothing is cut off. The sections that the note type puts first are parts of their own,
and speak first where there is more to say than the summary is long.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from shared.schemas.explanations import Part
from shared.schemas.summaries import ProducedBy, Usage
from shared.text.excerpt import Excerpt
from shared.text.merge import merge_summaries
from shared.text.sections import split_by_section
from shared.text.sentences import sentence_spans
from shared.text.split import Measure, split_by_budget
from workers.inference.engine import Engine, Output, Request
from workers.summarization.draft import Draft
from workers.summarization.note import Note, ranges

MARGIN_TOKENS = 16
"""What a part may take more of when it is rendered than when it was measured."""
_REQUESTS_AT_ONCE = 16
"""Enough for full batches, few enough that a worker told to stop does so within half a minute."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A document, its parts and a request for each."""

    note: Note
    produced_by: ProducedBy
    instruction: str
    """All that the model is told beside the note."""
    parts: Sequence[Excerpt]
    first: int
    """So many parts, at the beginning, hold the sections that the note type puts first."""
    requests: Sequence[Request]
    examples: Sequence[int] = ()
    """Lines of those that the prompt shows."""
    strictness: int = 0


def parts_of(note: Note, budget: int, measure: Measure) -> tuple[list[Excerpt], int]:
    """What each request reads, and how many of the parts come first."""
    parts, titles = _cut(note.readable, budget, measure), note.note_type.sections
    if len(parts) == 1 or not titles:
        return parts, 0
    named, rest = (
        _cut(note.readable.part(spans), budget, measure)
        for spans in split_by_section(note.readable.text, titles)
    )
    return named + rest, len(named)


class Interrupted(Exception):
    """Nobody wants the outputs any more."""


def generate(
    asked: Sequence[Asked], engine: Engine, go_on: Callable[[], bool]
) -> list[list[Output]]:
    """The outputs of each document's parts, of all documents together.

    A book of a note takes many minutes: `go_on` is asked between some parts and the next. Raises
    Interrupted where it says no.
    """
    requests = [request for one in asked for request in one.requests]
    done: list[Output] = []
    for start in range(0, len(requests), _REQUESTS_AT_ONCE):
        if start and not go_on():
            raise Interrupted
        done += engine.generate(requests[start : start + _REQUESTS_AT_ONCE])
    outputs = iter(done)
    return [_take(outputs, len(one.requests)) for one in asked]


def draft_of(asked: Asked, outputs: Sequence[Output], warnings: Sequence[str]) -> Draft:
    """The document's summary out of those of its parts."""
    return Draft(
        text=_merged(
            [_whole(output) for output in outputs],
            asked.note.note_type.sentences[1],
            asked.first,
        ),
        produced_by=asked.produced_by,
        usage=Usage(
            input_tokens=sum(output.input_tokens for output in outputs),
            output_tokens=sum(output.output_tokens for output in outputs),
        ),
        parts=tuple(
            Part(
                ranges=ranges(part.spans),
                input_tokens=output.input_tokens,
                output_tokens=output.output_tokens,
                examples=list(asked.examples),
                strictness=asked.strictness,
            )
            for part, output in zip(asked.parts, outputs, strict=True)
        ),
        warnings=tuple(warnings),
    )


def _cut(read: Excerpt, budget: int, measure: Measure) -> list[Excerpt]:
    return [read.part([span]) for span in split_by_budget(read.text, budget, measure)]


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


def _take(outputs: Iterator[Output], count: int) -> list[Output]:
    return list(islice(outputs, count))
