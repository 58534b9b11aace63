"""Newline-delimited JSON: a record a line, each on its own; truly streamed."""

from collections.abc import Iterator

from shared.errors import InvalidRecord
from shared.intake.document import DOCUMENT
from shared.intake.fhir import RESOURCE
from shared.intake.json_record import JsonRecord, read_record
from shared.intake.json_values import decode_json
from shared.intake.lines import split_lines
from shared.intake.reading import Reading
from shared.intake.records import Outcome, rejected, too_large


def read_ndjson(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`application/x-ndjson`: our own documents."""
    return _read(pieces, reading, DOCUMENT)


def read_fhir_ndjson(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`application/fhir+ndjson`: resources, as a bulk export writes them."""
    return _read(pieces, reading, RESOURCE)


def _read(pieces: Iterator[bytes], reading: Reading, kind: JsonRecord) -> Iterator[Outcome]:
    for line, raw in split_lines(pieces, reading.limits.max_record_bytes):
        if raw is None:
            yield too_large(line, reading.limits.max_record_bytes)
        elif raw and not raw.isspace():
            yield _read_line(raw, line, kind, reading)


def _read_line(raw: bytes, line: int, kind: JsonRecord, reading: Reading) -> Outcome:
    try:
        value = decode_json(raw, max_depth=reading.limits.max_json_depth)
    except InvalidRecord as error:
        return rejected(line, error)
    return read_record(value, line, kind, reading)
