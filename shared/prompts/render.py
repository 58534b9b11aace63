"""A prompt version and a note, to the turns of a chat."""

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.errors import Misconfigured
from shared.prompts.prompt import Prompt
from shared.text.disguises import views

Turns = tuple[tuple[str, str], ...]


class Shown(NamedTuple):
    """An example as the model is shown it."""

    source: str
    summary: str


_FULL_LINE = 60
"""Characters from which on a line break was made by the margin, not by the writer."""
_BREAK = re.compile(rf"(?<=\S)(?<=[^\n]{{{_FULL_LINE}}})\n(?=[A-Za-z0-9(])(?![A-Z][A-Z /&]+:)")
_BLANKS = re.compile(r"[ \t\u00a0]+")
_GAP = re.compile(r" ?\n(?: ?\n)+")
_MARK = 12
"""Hexadecimal digits of a fence's mark."""
_CONTROL = re.compile(
    r"[<\uff1c\ufe64][|\uff5c\u2502][^|\uff5c\u2502<>\n]{1,40}[|\uff5c\u2502][>\uff1e\ufe65]"
    r"|</?(?:s|bos|eos|pad|unk|system|user|assistant|model|tool|think)>"
    r"|</?(?:start|end)_of_(?:turn|image|text)>|<</?sys>>|</?\s?note\b"
    r"|\[/?(?:inst|system_prompt|available_tools|tool_calls|tool_results)\]"
    r"|\[(?:bos|eos|cls|sep|pad|mask|unk)\]",
    re.IGNORECASE,
)
"""Of ChatML, Llama 2 and 3, Mistral, Gemma, Phi, DeepSeek and BERT, and of the fence itself."""
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=False)


def render(
    prompt: Prompt, *, note: str, examples: Sequence[Shown] = (), strictness: int = 0
) -> Turns:
    """Turns of (role, content): system, then user and assistant for each example, then user.

    The note is data: it stands between tags whose mark it cannot contain, so nothing in it ends it,
    and no mark of a chat's format in it stays whole; so do the sources of examples. The same note
    and examples give the same turns. `strictness` above 0: the attempt is a repeated one. Raises
    Misconfigured for a template that cannot be rendered.
    """
    content = prompt.content
    system = _apply(content.system, content.variables)
    if strictness:
        system = f"{system}\n\n{_apply(content.stricter, content.variables)}".strip()
    turns = [("system", system)] if system else []
    for shown in examples:
        turns += [("user", _user(prompt, shown.source))]
        turns += [("assistant", without_control(tidy(shown.summary)))]
    return (*turns, ("user", _user(prompt, note)))


def _user(prompt: Prompt, note: str) -> str:
    content = prompt.content
    fenced = {"note": fence(without_control(tidy(note)))}
    return _apply(content.user, {**content.variables, **fenced})


def tidy(note: str) -> str:
    """The note as a model reads it best: no runs of blanks, no lines broken by a margin.

    Words and their order stay.
    """
    text = _BLANKS.sub(" ", note.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return _BREAK.sub(" ", _GAP.sub("\n\n", text))


def fence(note: str) -> str:
    """The note between an opening and a closing tag that it does not hold.

    The mark is drawn from the note, so the same note gives the same prompt, and it is safe though
    whoever writes the note can compute it: it is drawn again while it occurs in the note, in any
    case, width or spelling with look-alikes, blanks and signs aside. To write the mark into the
    note is therefore to change it; no search for a note that holds its own mark can succeed.
    """
    letters = {_letters(view.text) for view in views(note)}
    digest = hashlib.sha256(note.encode("utf-8", "surrogatepass"))
    while any((mark := digest.hexdigest()[:_MARK]) in held for held in letters):
        digest.update(b"again")
    return f"<note {mark}>\n{note}\n</note {mark}>"


def without_control(note: str) -> str:
    """The note with the marks of chat formats broken by a blank: `<|im_end|>` to `< |im_end|>`.

    An engine of this process breaks those of its own tokenizer; a server's tokenizer is not known,
    and many read such marks in a turn's text as control tokens.
    """
    return _CONTROL.sub(lambda match: f"{match[0][0]} {match[0][1:]}", note)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _apply(template: str, variables: dict[str, str]) -> str:
    try:
        return _ENVIRONMENT.from_string(template).render(variables).strip()
    except TemplateError as error:
        raise Misconfigured("A prompt's template cannot be rendered.") from error
