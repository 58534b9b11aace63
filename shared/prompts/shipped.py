"""The prompts that every tenant starts with, one per note type, from `shipped/*.toml`."""

import tomllib
from functools import cache
from pathlib import Path

from shared.errors import NotFound
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.prompt import Prompt
from shared.schemas.prompts import PromptContent

_FOLDER = Path(__file__).with_name("shipped")


@cache
def load_shipped(note_type: str) -> Prompt:
    """Raises NotFound for a note type that none is shipped for: `general` serves those."""
    file = _FOLDER / f"{note_type}.toml"
    if file.parent != _FOLDER or not file.is_file():
        raise NotFound("There is no shipped prompt for that note type.")
    with file.open("rb") as content:
        members = tomllib.load(content)
    number = members.pop("version")
    variables = {"title": NOTE_TYPES[note_type].title.lower()}
    return Prompt(note_type, number, PromptContent(variables=variables, **members))


def is_shipped(note_type: str) -> bool:
    return note_type in NOTE_TYPES
