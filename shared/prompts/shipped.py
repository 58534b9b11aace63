"""The prompts that every tenant starts with, one per note type, from `shipped/*.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.errors import NotFound

_FOLDER = Path(__file__).with_name("shipped")


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """Immutable: another wording is another version."""

    note_type: str
    version: int
    system: str
    """Template of the system turn; knows `title`."""
    user: str
    """Template of the user's turn; knows `note` (fenced) and `title`."""
    prefix: str
    """The first words of the answer, for models that go on best from a beginning."""
    max_output_tokens: int
    one_paragraph: bool = True
    """Whether the answer ends at its first line break."""

    @property
    def identity(self) -> str:
        """What `prompt_version` says of a summary."""
        return f"prompts:/{self.note_type}/{self.version}"


@cache
def load_shipped(note_type: str) -> PromptVersion:
    """Raises NotFound for a note type that none is shipped for: `general` serves those."""
    file = _FOLDER / f"{note_type}.toml"
    if file.parent != _FOLDER or not file.is_file():
        raise NotFound("There is no shipped prompt for that note type.")
    with file.open("rb") as content:
        return PromptVersion(note_type=note_type, **tomllib.load(content))
