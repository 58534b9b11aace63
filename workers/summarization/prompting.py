"""The prompt route: a prompt of the note type on the prompt model."""

from shared.documents.ledger import Claim
from shared.errors import NotFound
from shared.note_types.shipped import NOTE_TYPES, NoteType
from shared.prompts.find import find_prompt
from shared.prompts.render import render
from shared.prompts.shipped import PromptVersion, load_shipped
from shared.schemas.summaries import ProducedBy, Reason
from workers.inference.engine import Engine, Request
from workers.summarization.asking import MARGIN_TOKENS, Asked, parts_of
from workers.summarization.note import Note

PART_TOKENS = 1_500
"""A small model loses the thread of more, and attention's cost grows with the square of it."""


def prompt_of(note_type: NoteType, claim: Claim) -> PromptVersion:
    """The version that is asked for, else the note type's. Raises NotFound where it is gone.

    A tenant's own note type has the prompt of general notes unless it names one.
    """
    identity = claim.asked_prompt_version or note_type.prompt
    if identity is None:
        return load_shipped(note_type.name if note_type.name in NOTE_TYPES else "general")
    found = find_prompt(identity)
    if found is None:
        raise NotFound("There is no such prompt version.")
    return found


def produced_by_prompt(prompt: PromptVersion, engine: Engine, reason: Reason) -> ProducedBy:
    return ProducedBy(
        route="prompt",
        reason=reason,
        model_version=engine.name,
        prompt_version=prompt.identity,
    )


def ask_prompt(note: Note, engine: Engine, reason: Reason) -> Asked:
    prompt = prompt_of(note.note_type, note.claim)
    bare = render(prompt, note="")
    room = engine.input_room(prompt.max_output_tokens) - engine.prompt_tokens(bare) - MARGIN_TOKENS
    parts, first = parts_of(note, min(room, PART_TOKENS), engine.count_tokens)
    requests = [
        Request(
            render(prompt, note=part.text),
            prompt.max_output_tokens,
            prompt.prefix,
            prompt.one_paragraph,
        )
        for part in parts
    ]
    instruction = "\n".join(content for _, content in bare)
    made = produced_by_prompt(prompt, engine, reason)
    return Asked(note, made, instruction, parts, first, requests)
