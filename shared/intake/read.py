"""The doorway of intake: bytes → records or per-record errors, streaming."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing

from shared.config import IntakeSettings
from shared.errors import InvalidInput, PayloadTooLarge, UnsupportedFormat
from shared.intake.body import open_body
from shared.intake.cda.read import read_cda
from shared.intake.fhir.binaries import Binaries
from shared.intake.fhir.read import read_waiting
from shared.intake.json_body import read_fhir_json, read_json
from shared.intake.media_type import parse_boundary, parse_media_type
from shared.intake.multipart.read import multipart_reader
from shared.intake.ndjson import read_fhir_ndjson, read_ndjson
from shared.intake.reading import Reader, Reading
from shared.intake.records import Intake, Outcome
from shared.intake.text import read_text
from shared.note_types.shipped import NOTE_TYPES, note_type_for_code

READERS: dict[str, Reader] = {
    "application/x-ndjson": read_ndjson,
    "application/ndjson": read_ndjson,
    "application/jsonl": read_ndjson,
    "application/fhir+ndjson": read_fhir_ndjson,
    "application/fhir+json": read_fhir_json,
    "application/json": read_json,
    "application/xml": read_cda,
    "text/xml": read_cda,
    "application/hl7-cda+xml": read_cda,
    "text/plain": read_text,
}
READERS["multipart/form-data"] = multipart_reader(READERS)


def read_records(  # noqa: PLR0913 - named one by one; two of them only where a tenant differs
    chunks: Iterable[bytes],
    *,
    content_type: str,
    content_encoding: str | None = None,
    limits: IntakeSettings,
    known_note_types: Collection[str] = tuple(NOTE_TYPES),
    note_type_for_code: Callable[[str | None, str], str | None] = note_type_for_code,
) -> Intake:
    """Read a body in the format that its media type says; `chunks` is pulled as records are.

    A bad record comes out as Rejected and never harms its neighbours. Documents that point at a
    Binary elsewhere in the body come last. What is wrong with the body as a whole raises
    InvalidInput, here (UnsupportedFormat) or from `Intake.records`: `empty_body`, `broken_gzip`,
    `gzip_ratio_exceeded`, `payload_too_large`, `too_many_documents`; for the JSON formats that are
    one JSON text also `documents_missing` and what is wrong with it.
    """
    media_type, charset = parse_media_type(content_type)
    reader = READERS.get(media_type)
    if reader is None:
        raise UnsupportedFormat(
            "This media type is not known.",
            param="Content-Type",
            how_to_fix=f"Send one of: {', '.join(READERS)}. A PDF, RTF or HTML goes as a file of "
            "multipart/form-data.",
        )
    pieces = open_body(chunks, content_encoding, limits)
    reading = Reading(
        limits,
        known_note_types,
        note_type_for_code,
        Binaries(limits),
        charset=charset,
        boundary=parse_boundary(content_type),
    )
    records = _counted(_whole(reader, pieces, reading), limits.max_documents)
    return Intake(records, reading.parameters)


def _whole(reader: Reader, pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """All that a body holds; what points at another part of it comes last."""
    with closing(reading.binaries):
        yield from reader(pieces, reading)
        yield from read_waiting(reading)


def _counted(outcomes: Iterator[Outcome], max_documents: int) -> Iterator[Outcome]:
    """The same, unless there are none or too many."""
    count = 0
    for count, outcome in enumerate(outcomes, start=1):
        if count > max_documents:
            raise PayloadTooLarge(
                f"A batch may hold {max_documents} documents.",
                code="too_many_documents",
                how_to_fix="Split the documents over several batches; `group` ties them together.",
            )
        yield outcome
    if not count:
        raise InvalidInput(
            "The body holds no documents.",
            code="empty_body",
            how_to_fix="Send at least one record.",
        )
