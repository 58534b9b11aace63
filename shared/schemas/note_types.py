"""Note types: what a tenant says about its kinds of notes."""

from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.checks.finding import CheckName
from shared.schemas.base import Answer, Body
from shared.schemas.summaries import PROMPT_VERSION
from shared.text.language_tags import is_tag

Style = Literal["paragraph", "list"]
PolicyKey = CheckName | Literal["unsupported"]
Action = Literal["flag", "drop", "step_down"]
"""Of a sentence with a finding: keep it and say so, leave it out, or take the next route."""
FINDINGS: tuple[str, ...] = (*get_args(CheckName), "unsupported")
ACTIONS: tuple[str, ...] = get_args(Action)
PolicyAnswer = dict[PolicyKey, Action]
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
MAX_SENTENCES = 40
_MAX_CODES = 200
_MAX_SECTIONS = 50
_MAX_LANGUAGES = 50


class Code(Answer):
    """`system` is the terminology's URI, as FHIR has it."""

    system: str
    code: str


class Length(Answer):
    """Sentences of a summary, from and to."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    shortest: int = Field(alias="from")
    longest: int = Field(alias="to")


class NoteTypeAnswer(Answer):
    object: Literal["note_type"] = "note_type"
    name: str
    title: str
    codes: list[Code]
    sections: list[str]
    """Titles of the sections to read first in a note too long to be read at once."""
    length: Length
    languages: list[str]
    """BCP 47, those that its prompts and models can read; empty: any."""
    style: Style = "paragraph"
    prompt: str | None = None
    """The prompt version that serves it; None: the one that is shipped for it."""
    policy: PolicyAnswer = Field(default_factory=dict)
    """What is done about each finding."""
    source: Literal["shipped", "tenant"]


def _well_formed(tag: str) -> str:
    if not is_tag(tag):
        raise ValueError("not a BCP 47 language tag")
    return tag


_Visible = StringConstraints(pattern=r"^[!-~]+$")
_Title = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
_Language = Annotated[str, StringConstraints(max_length=35), AfterValidator(_well_formed)]


class CodeRequest(Body):
    system: Annotated[str, StringConstraints(max_length=256), _Visible]
    code: Annotated[str, StringConstraints(max_length=64), _Visible]


class LengthRequest(Body):
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    shortest: int = Field(alias="from", ge=1, le=MAX_SENTENCES)
    longest: int = Field(alias="to", ge=1, le=MAX_SENTENCES)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.shortest > self.longest:
            raise ValueError("`from` is above `to`")
        return self


class NoteTypeRequest(Body):
    """What is left out stays as it is; a new note type has no codes and general's length."""

    title: _Title | None = None
    codes: list[CodeRequest] | None = Field(None, max_length=_MAX_CODES)
    sections: list[_Title] | None = Field(None, max_length=_MAX_SECTIONS)
    length: LengthRequest | None = None
    languages: list[_Language] | None = Field(None, max_length=_MAX_LANGUAGES)
    style: Style | None = None
    prompt: Annotated[str, StringConstraints(pattern=PROMPT_VERSION)] | None = None
    policy: PolicyAnswer | None = None
    """Replaces the note type's own; findings that it does not name go by the shipped policy."""
