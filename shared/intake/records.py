"""What intake makes of a body: records, or the reason why one is none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.errors import InvalidRecord


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that is no text yet: PDF, RTF or XHTML, for a background worker to take to text.

    `media_type` without parameters, in lower case.
    """

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One decoded document, with its `text` or the `attachment` that holds it.

    `note_type` is the explicit name; `…_from_code` what its codes mean.

    `line` is where it began: the physical line from 1, or the position in a JSON list from 1.
    """

    line: int
    text: str = ""
    attachment: Attachment | None = None
    custom_id: str | None = None
    note_type: str | None = None
    note_type_from_code: str | None = None
    subject: str | None = None
    language: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """Known here: `superseded`, `preliminary`."""
    replaces: tuple[str, ...] = ()
    """Custom ids of the notes that this one replaces (`relatesTo`, code `replaces`)."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be summarized, and why; its neighbours go on."""

    line: int
    error: InvalidRecord
    custom_id: str | None = None


Outcome = Record | Rejected


@dataclass(frozen=True, slots=True)
class Intake:
    """A body being read.

    `records` pulls the body as it goes, so an error of the whole body may come after good records:
    nothing is accepted before the iterator has ended. It raises InvalidInput and nothing else.
    `parameters` holds what an `application/json` body says beside `documents`, its strings free of
    NUL and lone surrogates but otherwise unchecked; it is filled before the first record comes out,
    and stays empty for the other formats.
    """

    records: Iterator[Outcome]
    parameters: dict[str, Any]


def rejected(line: int, error: InvalidRecord, custom_id: str | None = None) -> Rejected:
    """The rejection of the record at `line`.

    The error loses its traceback and its cause: their frames would keep the document in memory.
    """
    error.line = line
    error.__cause__ = error.__context__ = None
    return Rejected(line, error.with_traceback(None), custom_id)


def too_large(line: int, max_bytes: int) -> Rejected:
    """The rejection of a record whose bytes were skipped unread."""
    error = InvalidRecord(
        f"The record is larger than {max_bytes} bytes.",
        code="record_too_large",
        how_to_fix="Split the document into its notes and send each as a record.",
    )
    return rejected(line, error)
