"""What changed from one content to another."""

import json
from difflib import unified_diff

from shared.schemas.prompts import Change, PromptContent


def diff(before: PromptContent, after: PromptContent) -> list[Change]:
    """Members that differ, in their order, as lines of a unified diff (without its head)."""
    return [
        Change(member=member, lines=_lines(getattr(before, member), getattr(after, member)))
        for member in PromptContent.model_fields
        if getattr(before, member) != getattr(after, member)
    ]


def _lines(before: object, after: object) -> list[str]:
    lines = unified_diff(_text(before), _text(after), lineterm="", n=2)
    return list(lines)[2:]


def _text(value: object) -> list[str]:
    if isinstance(value, str):
        return value.splitlines()
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    return json.dumps(value, indent=1, ensure_ascii=False).splitlines()
