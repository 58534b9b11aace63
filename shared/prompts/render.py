"""A prompt version and a note, to the turns of a chat."""

import hashlib
import re

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.errors import Misconfigured
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.shipped import PromptVersion

Turns = tuple[tuple[str, str], ...]

_FULL_LINE = 60
"""Characters from which on a line break was made by the margin, not by the writer."""
_BREAK = re.compile(rf"(?<=\S)(?<=[^\n]{{{_FULL_LINE}}})\n(?=[A-Za-z0-9(])(?![A-Z][A-Z /&]+:)")
_BLANKS = re.compile(r"[ \t\u00a0]+")
_GAP = re.compile(r" ?\n(?: ?\n)+")
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=False)


def render(prompt: PromptVersion, *, note: str) -> Turns:
    """Turns of (role, content): system, user.

    The note is data: it stands between tags whose mark it cannot contain, so nothing in it ends it.
    The mark comes from the note itself: the same note gives the same turns. Raises Misconfigured
    for a template that cannot be rendered.
    """
    title = NOTE_TYPES[prompt.note_type].title.lower()
    variables = {"title": title, "note": fence(tidy(note))}
    return (
        ("system", _apply(prompt.system, variables)),
        ("user", _apply(prompt.user, variables)),
    )


def tidy(note: str) -> str:
    """The note as a model reads it best: no runs of blanks, no lines broken by a margin.

    Words and their order stay.
    """
    text = _BLANKS.sub(" ", note.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return _BREAK.sub(" ", _GAP.sub("\n\n", text))


def fence(note: str) -> str:
    """The note between an opening and a closing tag that occur nowhere in it."""
    digest = hashlib.sha256(note.encode("utf-8", "surrogatepass"))
    while (mark := digest.hexdigest()[:6]) in note:
        digest.update(b"again")
    return f"<note {mark}>\n{note}\n</note {mark}>"


def _apply(template: str, variables: dict[str, str]) -> str:
    try:
        return _ENVIRONMENT.from_string(template).render(variables).strip()
    except TemplateError as error:
        raise Misconfigured("A prompt's template cannot be rendered.") from error
