"""A prompt version by its identity."""

import re

from shared.errors import InvalidInput
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.shipped import PromptVersion, load_shipped

_IDENTITY = re.compile(r"prompts:/(?P<note_type>[a-z][a-z0-9_]*)/(?P<version>[1-9][0-9]*)")


def find_prompt(identity: str) -> PromptVersion | None:
    """As `prompts:/discharge/1`; None where it is not there, or not any more."""
    match = _IDENTITY.fullmatch(identity)
    if match is None or match["note_type"] not in NOTE_TYPES:
        return None
    found = load_shipped(match["note_type"])
    return found if found.identity == identity else None


def require_prompt(identity: str, *, param: str) -> None:
    """Raises InvalidInput `unknown_prompt_version`, which names those there are."""
    if find_prompt(identity) is None:
        known = ", ".join(load_shipped(name).identity for name in NOTE_TYPES)
        raise InvalidInput(
            "There is no such prompt version.",
            code="unknown_prompt_version",
            param=param,
            how_to_fix=f"Use one of: {known}.",
        )
