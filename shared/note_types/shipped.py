"""The note types that every tenant starts with, from `shipped.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

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


def index_codes(note_types: Iterable[NoteType]) -> dict[Code, str]:
    """Code → name of the note type that claims it; the first claim holds."""
    index: dict[Code, str] = {}
    for note_type in note_types:
        for code in note_type.codes:
            index.setdefault(code, note_type.name)
    return index


def note_type_for_code(system: str | None, code: str) -> str | None:
    """The shipped note type that a code stands for, if any."""
    if system in _LOINC_ALIASES:
        system = LOINC
    return None if system is None else _NAMES_BY_CODE.get(Code(system, code))


def _load() -> dict[str, NoteType]:
    with Path(__file__).with_name("shipped.toml").open("rb") as file:
        tables = tomllib.load(file)
    return {name: _note_type(name, **table) for name, table in tables.items()}


def _note_type(
    name: str, *, title: str, sentences: tuple[int, int], loinc: Iterable[str] = ()
) -> NoteType:
    least, most = sentences
    return NoteType(name, title, tuple(Code(LOINC, code) for code in loinc), (least, most))


NOTE_TYPES: Mapping[str, NoteType] = MappingProxyType(_load())
_NAMES_BY_CODE = index_codes(NOTE_TYPES.values())
