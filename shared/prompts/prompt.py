"""A prompt as it is rendered, whoever wrote it."""

from dataclasses import dataclass
from uuid import UUID

from shared.schemas.prompts import PromptContent


@dataclass(frozen=True, slots=True)
class Prompt:
    """Immutable: another wording is another version."""

    note_type: str
    number: int
    content: PromptContent
    examples: UUID | None = None
    """The dataset version that its examples are drawn from."""

    @property
    def identity(self) -> str:
        """What `prompt_version` says of a summary: `prompts:/discharge/3`."""
        return f"prompts:/{self.note_type}/{self.number}"
