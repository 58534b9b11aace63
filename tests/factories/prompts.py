"""Prompts without a registry."""

from shared.errors import NotFound
from shared.note_types.shipped import NoteType
from shared.prompts.prompt import Prompt
from shared.prompts.queries import came_with
from shared.prompts.shipped import load_shipped


def prompt_of(note_type: NoteType, asked: str | None = None) -> Prompt | None:
    """What a document of the note type gets of what is shipped."""
    name = asked or came_with(note_type)
    try:
        shipped = load_shipped(name.split("/")[1])
    except NotFound:
        return None
    return shipped if shipped.identity == name else None
