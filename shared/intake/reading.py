"""What every format's reader is given, and what it gives."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.config import IntakeSettings
from shared.intake.fhir.binaries import Binaries
from shared.intake.records import Outcome


@dataclass(frozen=True, slots=True)
class Reading:
    """One body's limits and rules."""

    limits: IntakeSettings
    known_note_types: Collection[str]
    note_type_for_code: Callable[[str | None, str], str | None]
    """(system, code) → the note type that the code stands for."""
    binaries: Binaries
    """Of the whole body, so of all its files."""
    charset: str | None = None
    """As the media type says, if it does."""
    boundary: str | None = None
    """Of a multipart body."""
    media_type: str = ""
    """Of a file of a multipart body."""
    file_position: int | None = None
    """Of one file among several, from 1."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Filled by the reader: `Intake.parameters`."""


Reader = Callable[[Iterator[bytes], Reading], Iterator[Outcome]]
"""A format: takes the decompressed body piece by piece, yields nothing for an empty one."""
