"""The prompt route: a prompt of the note type on the prompt model."""

from collections.abc import Sequence

from shared.errors import NotFound
from shared.ids import public_id
from shared.prompts.prompt import Prompt
from shared.prompts.render import Turns, render
from shared.schemas.summaries import ProducedBy, Reason
from workers.inference.engine import Engine, Request
from workers.summarization.asking import MARGIN_TOKENS, Asked, parts_of
from workers.summarization.draft import ClaimedText
from workers.summarization.examples import Chosen
from workers.summarization.note import Note

PART_TOKENS = 1_500
"""A small model loses the thread of more, and attention's cost grows with the square of it."""


def produced_by_prompt(source: ClaimedText, engine: Engine, reason: Reason) -> ProducedBy:
    return ProducedBy(
        route="prompt",
        reason=reason,
        model_version=engine.name,
        prompt_version=_prompt_of(source).identity,
        split=source.side and public_id("split", source.side.split),
    )


def ask_prompt(note: Note, engine: Engine, reason: Reason, strictness: int = 0) -> Asked:
    """`strictness`: how many attempts of the prompt came before."""
    prompt = _prompt_of(note.claimed)
    content = prompt.content
    shown = _fitting(prompt, note, engine, strictness)
    room = _room(prompt, shown, engine, strictness)
    parts, first = parts_of(note, min(room, PART_TOKENS), engine.count_tokens)
    requests = [
        Request(
            _turns(prompt, shown, part.text, strictness),
            content.max_output_tokens,
            content.prefix,
            content.one_paragraph,
        )
        for part in parts
    ]
    instruction = "\n".join(text for _, text in render(prompt, note="", strictness=strictness))
    made = produced_by_prompt(note.claimed, engine, reason)
    lines = [each.line for each in shown]
    return Asked(note, made, instruction, parts, first, requests, lines, strictness)


def _prompt_of(source: ClaimedText) -> Prompt:
    if source.prompt is None:
        raise NotFound("There is no such prompt version.")
    return source.prompt


def _fitting(prompt: Prompt, note: Note, engine: Engine, strictness: int) -> tuple[Chosen, ...]:
    """The examples that leave room for the note, or half of the window; the nearest comes last."""
    shown = note.claimed.examples
    if shown:
        half = engine.input_room(prompt.content.max_output_tokens) // 2
        needed = min(engine.count_tokens(note.readable.text), PART_TOKENS, half)
        while shown and _room(prompt, shown, engine, strictness) < needed:
            shown = shown[:-1]
    return shown[::-1]


def _room(prompt: Prompt, shown: Sequence[Chosen], engine: Engine, strictness: int) -> int:
    """Tokens for the note."""
    taken = engine.prompt_tokens(_turns(prompt, shown, "", strictness))
    return engine.input_room(prompt.content.max_output_tokens) - taken - MARGIN_TOKENS


def _turns(prompt: Prompt, shown: Sequence[Chosen], text: str, strictness: int) -> Turns:
    examples = [each.shown for each in shown]
    return render(prompt, note=text, examples=examples, strictness=strictness)
