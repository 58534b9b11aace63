"""The note types that every tenant starts with, from `shipped.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from shared.note_types.policy import SHIPPED, policy_of
from shared.schemas.note_types import Action, PolicyKey, Style

LOINC = "http://loinc.org"
_LOINC_ALIASES = frozenset({"https://loinc.org", "urn:oid:2.16.840.1.113883.6.1"})


class Code(NamedTuple):
    """A code of a terminology; `system` is its URI as FHIR has it."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """A kind of note, and so of summary wanted."""

    name: str
    title: str
    codes: tuple[Code, ...]
    sentences: tuple[int, int]
    """Length of a summary: from, to."""
    sections: tuple[str, ...] = ()
    """Titles of the sections to read first in a note too long to be read at once."""
    languages: tuple[str, ...] = ()
    """BCP 47, those that its prompts and models can read; empty: any."""
    style: Style = "paragraph"
    prompt: str | None = None
    """The prompt version that serves it; None: the one that is shipped for it, or general's."""
    policy: Mapping[PolicyKey, Action] = field(default_factory=lambda: SHIPPED)
    """What is done about each finding."""
    source: Literal["shipped", "tenant"] = "shipped"


def index_codes(note_types: Iterable[NoteType]) -> dict[Code, str]:
    """Code → name of the note type that claims it; the first claim holds."""
    index: dict[Code, str] = {}
    for note_type in note_types:
        for code in note_type.codes:
            index.setdefault(code, note_type.name)
    return index


def canonical_code(system: str, code: str) -> Code:
    """The code under the one URI that its terminology goes by here."""
    return Code(LOINC if system in _LOINC_ALIASES else system, code)


def note_type_for_code(system: str | None, code: str) -> str | None:
    """The shipped note type that a code stands for, if any."""
    return None if system is None else _NAMES_BY_CODE.get(canonical_code(system, code))


def _load() -> dict[str, NoteType]:
    with Path(__file__).with_name("shipped.toml").open("rb") as file:
        tables = tomllib.load(file)
    return {name: _note_type(name, **table) for name, table in tables.items()}


def _note_type(  # noqa: PLR0913 - the keys of a table
    name: str,
    *,
    title: str,
    sentences: tuple[int, int],
    languages: Iterable[str],
    sections: Iterable[str] = (),
    loinc: Iterable[str] = (),
    policy: Mapping[PolicyKey, Action] = SHIPPED,
) -> NoteType:
    least, most = sentences
    codes = tuple(Code(LOINC, code) for code in loinc)
    return NoteType(
        name,
        title,
        codes,
        (least, most),
        tuple(sections),
        tuple(languages),
        policy=MappingProxyType(policy_of(policy)),
    )


NOTE_TYPES: Mapping[str, NoteType] = MappingProxyType(_load())
_NAMES_BY_CODE = index_codes(NOTE_TYPES.values())
