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
from shared.vault import TenantVault

DEFAULT_NOTE_TYPE = "general"
_BLOBS = ("custom_id_mac", "custom_id_sealed", "subject_sealed", "metadata_sealed", "text_sealed")
_LENGTHS = struct.Struct("<6i")
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
    subject_sealed: bytes | None = None
    metadata_sealed: bytes | None = None
    text_sealed: bytes | None = None


@dataclass(slots=True)
class _Totals:
    total: int = 0
    rejected: int = 0
    size: int = 0
    note_types: Counter[str] = field(default_factory=Counter)


class Spool:
    """Takes records in, gives sealed documents back. Memory is constant but for 32 bytes an id."""

    def __init__(self, vault: TenantVault, parameters: BatchParameters, memory_bytes: int) -> None:
        self.totals = _Totals()
        self._vault = vault
        self._default_type = parameters.note_type
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
            duplicate = self._claim_custom_id(item)
            if duplicate is None:
                self._write(self._accepted(item))
                return
            item = duplicate
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
            yield SpooledDocument(id=UUID(hex=plain.pop("id")), **plain, **sealed)

    def _claim_custom_id(self, record: Record) -> Rejected | None:
        mac = self._vault.mac(_custom_id(record), purpose="custom_id")
        if mac not in self._seen:
            self._seen.add(mac)
            return None
        error = InvalidRecord(
            "An earlier record of this batch has the same custom_id.",
            code="duplicate_custom_id",
            param="custom_id",
            line=record.line,
            how_to_fix="Give each record of a batch a custom_id of its own.",
        )
        return Rejected(record.line, error, _custom_id(record))

    def _accepted(self, record: Record) -> SpooledDocument:
        row, seal = new_id(), self._vault.seal
        custom_id = _custom_id(record)
        warnings = list(record.warnings)
        note_type = record.note_type or self._default_type or record.note_type_from_code
        if note_type is None:
            note_type = DEFAULT_NOTE_TYPE
            warnings.append("note_type_defaulted")
        self.totals.size += len(record.text)
        self.totals.note_types[note_type] += 1
        subject, metadata = record.subject, record.metadata
        return SpooledDocument(
            id=row,
            line=record.line,
            note_type=note_type,
            size=len(record.text),
            warnings=warnings,
            error_code=None,
            error_message=None,
            custom_id_mac=self._vault.mac(custom_id, purpose="custom_id"),
            custom_id_sealed=seal(custom_id, row=row, field="custom_id"),
            subject_sealed=seal(subject, row=row, field="subject") if subject else None,
            metadata_sealed=seal(json.dumps(metadata), row=row, field="metadata")
            if metadata
            else None,
            text_sealed=seal(record.text, row=row, field="text"),
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
        members = [getattr(item, name) for name in Record.__slots__]
        return json.dumps(members, sort_keys=True).encode()
    return f"rejected {item.line} {item.error.error_code} {item.custom_id}".encode()
