"""A prompt in a file: TOML, as people edit it, or JSON."""

import json
import tomllib
from pathlib import Path

from services.client.errors import BadFile
from shared.schemas.prompts import PromptContent, PromptRequest

_HEAD = "# A prompt of Epicrisis. {{ note }} in `user` is where the note stands.\n"


def read_prompt(path: Path, message: str | None) -> PromptRequest:
    """Raises BadFile for what is neither, OSError; ValidationError for unknown members."""
    text = path.read_text("utf-8")
    try:
        members = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise BadFile(f"{path} is no valid TOML or JSON: {error}.") from None
    if message is not None:
        members["message"] = message
    return PromptRequest.model_validate(members)


def write_prompt(content: PromptContent) -> str:
    """TOML that reads back as the same content."""
    members = content.model_dump(exclude_none=True)
    tables = {name: members.pop(name) for name in ("variables", "examples") if name in members}
    text = _HEAD + "".join(f"{name} = {_value(value)}\n" for name, value in members.items())
    for name, table in tables.items():
        if table:
            lines = "".join(f"{key} = {_value(value)}\n" for key, value in table.items())
            text += f"\n[{name}]\n{lines}"
    return text


def _value(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    # A first line break after the quotes is not part of the text.
    literal = all(mark.isprintable() or mark in "\n\t" for mark in value)
    if "\n" in value and literal and "'''" not in value and not value.endswith("'"):
        return f"'''\n{value}'''"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
