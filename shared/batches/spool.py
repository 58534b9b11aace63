"""Records on their way into the ledger: sealed at once, held in memory or in a file.

A slow client must hold no transaction, so a body is read to its end before one opens. What waits
meanwhile is sealed already; the file has no name and is gone with the process.
"""

import json
import struct
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from shared.errors import InvalidRecord
from shared.ids import new_id
from shared.intake.records import Record, Rejected
from shared.schemas.batches import BatchParameters
from shared.text.language_tags import plain_tag
from shared.vault import TenantVault

DEFAULT_NOTE_TYPE = "general"
_BLOBS = (
    "custom_id_mac",
    "custom_id_sealed",
    "subject_mac",
    "subject_sealed",
    "metadata_sealed",
    "text_mac",
    "text_sealed",
    "attachment_sealed",
)
_LENGTHS = struct.Struct(f"<{1 + len(_BLOBS)}i")
_ABSENT = -1


@dataclass(frozen=True, slots=True)
class SpooledDocument:
    """A document as it will stand in the ledger and beside it."""

    id: UUID
    line: int
    note_type: str
    size: int
    warnings: list[str]
    error_code: str | None
    error_message: str | None
    custom_id_mac: bytes
    custom_id_sealed: bytes
    language: str | None = None
    attachment_type: str | None = None
    replaces: tuple[bytes, ...] = ()
    """Lookups of the custom ids that it replaces."""
    subject_mac: bytes | None = None
    subject_sealed: bytes | None = None
    metadata_sealed: bytes | None = None
    text_mac: bytes | None = None
    text_sealed: bytes | None = None
    attachment_sealed: bytes | None = None


@dataclass(slots=True)
class _Totals:
    total: int = 0
    rejected: int = 0
    attachments: int = 0
    size: int = 0
    note_types: Counter[str] = field(default_factory=Counter)

    def count(self, note_type: str, size: int, *, is_attachment: bool) -> None:
        """One that is accepted, beside `total`."""
        self.note_types[note_type] += 1
        self.size += size
        self.attachments += is_attachment


class Spool:
    """Takes records in, gives sealed documents back. Memory is constant but for 32 bytes an id."""

    def __init__(self, vault: TenantVault, parameters: BatchParameters, memory_bytes: int) -> None:
        self.totals = _Totals()
        self.withdrawn: set[bytes] = set()
        """Lookups of the custom ids of notes that were entered in error."""
        self._vault = vault
        self._default_type = parameters.note_type
        self._skip_superseded = parameters.superseded == "skip"
        self._seen: set[bytes] = set()
        self._file = tempfile.SpooledTemporaryFile(max_size=memory_bytes)  # noqa: SIM115 - own exit
        self._digest = vault.hasher("body", parameters.model_dump_json().encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def body_mac(self) -> bytes:
        """Keyed digest of the decoded records and the parameters, for the Idempotency-Key."""
        return self._digest.digest()

    def add(self, item: Record | Rejected) -> None:
        self._digest.update(_canonical(item))
        self.totals.total += 1
        if isinstance(item, Record):
            refused = self._refused(item)
            if refused is None:
                self._write(self._accepted(item))
                return
            item = Rejected(item.line, refused, _custom_id(item))
        elif item.custom_id is not None and item.error.error_code == "entered_in_error":
            self.withdrawn.add(self._vault.mac(item.custom_id, purpose="custom_id"))
        self.totals.rejected += 1
        self._write(self._rejected(item))

    def documents(self) -> Iterator[SpooledDocument]:
        """All that was added, in order."""
        self._file.seek(0)
        while lengths := self._file.read(_LENGTHS.size):
            head, *blobs = (
                None if length == _ABSENT else self._file.read(length)
                for length in _LENGTHS.unpack(lengths)
            )
            plain: dict[str, Any] = json.loads(head or b"")
            sealed: dict[str, Any] = dict(zip(_BLOBS, blobs, strict=True))
            replaces = tuple(map(bytes.fromhex, plain.pop("replaces")))
            yield SpooledDocument(
                id=UUID(hex=plain.pop("id")), replaces=replaces, **plain, **sealed
            )

    def _refused(self, record: Record) -> InvalidRecord | None:
        """Why a record that can be read is not taken, if it is not."""
        if self._skip_superseded and "superseded" in record.warnings:
            return InvalidRecord(
                "The document is superseded by a newer one.",
                code="superseded",
                line=record.line,
                how_to_fix="Send the newer one, or submit with superseded=include.",
            )
        mac = self._vault.mac(_custom_id(record), purpose="custom_id")
        if mac in self._seen:
            return InvalidRecord(
                "An earlier record of this batch has the same custom_id.",
                code="duplicate_custom_id",
                param="custom_id",
                line=record.line,
                how_to_fix="Give each record of a batch a custom_id of its own.",
            )
        self._seen.add(mac)
        return None

    def _accepted(self, record: Record) -> SpooledDocument:
        row, seal, mac = new_id(), self._vault.seal, self._vault.mac
        custom_id, subject, metadata = _custom_id(record), record.subject, record.metadata
        attachment = record.attachment
        size = len(record.text) if attachment is None else len(attachment.data)
        note_type = record.note_type or self._default_type or record.note_type_from_code
        language = None if record.language is None else plain_tag(record.language)
        warnings = list(record.warnings)
        if record.language is not None and language is None:
            warnings.append("language_ignored")
        if note_type is None:
            note_type = DEFAULT_NOTE_TYPE
            warnings.append("note_type_defaulted")
        self.totals.count(note_type, size, is_attachment=attachment is not None)
        return SpooledDocument(
            id=row,
            line=record.line,
            note_type=note_type,
            size=size,
            warnings=warnings,
            error_code=None,
            error_message=None,
            language=language,
            attachment_type=attachment.media_type if attachment else None,
            replaces=tuple(mac(target, purpose="custom_id") for target in set(record.replaces)),
            custom_id_mac=mac(custom_id, purpose="custom_id"),
            custom_id_sealed=seal(custom_id, row=row, field="custom_id"),
            subject_mac=mac(subject, purpose="subject") if subject else None,
            subject_sealed=seal(subject, row=row, field="subject") if subject else None,
            metadata_sealed=seal(json.dumps(metadata), row=row, field="metadata")
            if metadata
            else None,
            text_mac=mac(record.text, purpose="text") if attachment is None else None,
            text_sealed=seal(record.text, row=row, field="text") if attachment is None else None,
            attachment_sealed=seal(attachment.data, row=row, field="attachment")
            if attachment
            else None,
        )

    def _rejected(self, rejected: Rejected) -> SpooledDocument:
        row, error = new_id(), rejected.error
        custom_id = rejected.custom_id or f"line-{rejected.line}"
        message = " ".join(filter(None, (error.detail, error.how_to_fix)))
        return SpooledDocument(
            id=row,
            line=rejected.line,
            note_type=self._default_type or DEFAULT_NOTE_TYPE,
            size=0,
            warnings=[],
            error_code=error.error_code,
            error_message=message,
            # The line keeps it apart from an accepted record of the same custom_id.
            custom_id_mac=self._vault.mac(f"{rejected.line}:{custom_id}", purpose="rejected"),
            custom_id_sealed=self._vault.seal(custom_id, row=row, field="custom_id"),
        )

    def _write(self, document: SpooledDocument) -> None:
        plain = {
            "id": document.id.hex,
            "line": document.line,
            "note_type": document.note_type,
            "size": document.size,
            "warnings": document.warnings,
            "error_code": document.error_code,
            "error_message": document.error_message,
            "language": document.language,
            "attachment_type": document.attachment_type,
            "replaces": [target.hex() for target in document.replaces],
        }
        parts = [json.dumps(plain).encode(), *(getattr(document, name) for name in _BLOBS)]
        self._file.write(_LENGTHS.pack(*(_ABSENT if p is None else len(p) for p in parts)))
        for part in parts:
            if part is not None:
                self._file.write(part)


def _custom_id(record: Record) -> str:
    return record.custom_id or f"line-{record.line}"


def _canonical(item: Record | Rejected) -> bytes:
    if isinstance(item, Record):
        members = {name: getattr(item, name) for name in Record.__slots__}
        attachment = members.pop("attachment")
        head = json.dumps(members, sort_keys=True).encode()
        return head if attachment is None else head + attachment.data
    return f"rejected {item.line} {item.error.error_code} {item.custom_id}".encode()
