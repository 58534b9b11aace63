r"""From a note to what a fine-tuned model is given: the same in training and in serving.

A template is the user's one turn, `{title}` and `{note}` standing for the note type's title and the
note: `Summarize this {title}.\n\n{note}`. A decoder gets it through its chat template; an
encoder-decoder reads the turn's text as it is. No fence stands around the note: the model answers
in one way, whatever it reads. Control tokens in the note are broken by the engine's tokenizer
(`workers/inference/chat.py`).
"""

import re
from typing import Literal

from shared.errors import InvalidInput

Turns = tuple[tuple[str, str], ...]
_PLACES = re.compile(r"\{(title|note)\}")


def default_template(kind: Literal["encoder_decoder", "decoder"]) -> str:
    return "{note}" if kind == "encoder_decoder" else "Summarize this {title}.\n\n{note}"


def check_template(template: str) -> None:
    """Raises InvalidInput for one without a place for the note, or with two."""
    if template.count("{note}") != 1:
        raise InvalidInput(
            "A template needs the place of the note, {note}, once.", code="invalid_template"
        )


def turns_of(template: str, *, title: str, note: str) -> Turns:
    r"""One turn of the user. Line breaks become `\n`, and blanks around the note go."""
    text = note.replace("\r\n", "\n").replace("\r", "\n").strip()
    values = {"title": title.lower(), "note": text}
    return (("user", _PLACES.sub(lambda place: values[place[1]], template)),)
