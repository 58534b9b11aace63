"""The note types of a tenant: what is shipped, overlaid by what the tenant says."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.note_types.policy import policy_of
from shared.note_types.shipped import NOTE_TYPES, Code, NoteType, canonical_code, index_codes
from shared.schemas.note_types import Action, PolicyKey, Style
from shared.tables import TenantNoteType


class NoteTypes(Mapping[str, NoteType]):
    """Note types by name: the shipped ones in their order, then the tenant's own by name."""

    def __init__(self, own: Iterable[NoteType] = ()) -> None:
        mine = {note_type.name: note_type for note_type in own}
        self._by_name = {**NOTE_TYPES, **mine}
        # A tenant's claim on a code comes before one that was shipped.
        self._by_code = index_codes([*mine.values(), *self._by_name.values()])

    def __getitem__(self, name: str) -> NoteType:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def for_code(self, system: str | None, code: str) -> str | None:
        """The name of the note type that a code stands for, if any."""
        return None if system is None else self._by_code.get(canonical_code(system, code))

    def or_general(self, name: str) -> NoteType:
        """The note type of a document, which may have lost its own since it was submitted."""
        return self._by_name.get(name, self._by_name["general"])


def load(session: Session) -> NoteTypes:
    """Of the transaction's tenant; one short read."""
    rows = session.scalars(select(TenantNoteType).order_by(TenantNoteType.name))
    return NoteTypes(_note_type(row) for row in rows)


def _note_type(row: TenantNoteType) -> NoteType:
    return NoteType(
        row.name,
        row.title,
        tuple(Code(code["system"], code["code"]) for code in row.codes),
        (row.shortest, row.longest),
        tuple(row.sections),
        tuple(row.languages),
        cast("Style", row.style),
        row.prompt_version,
        policy_of(cast("Mapping[PolicyKey, Action]", row.policy)),
        "tenant",
    )
