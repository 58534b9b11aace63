"""Newline-delimited JSON: a record a line, each on its own; truly streamed."""

from collections.abc import Iterator
from typing import Any

from shared.errors import InvalidRecord
from shared.intake.document import read_document
from shared.intake.fhir.place import Place
from shared.intake.fhir.read import read_resource
from shared.intake.json_values import decode_json
from shared.intake.lines import split_lines
from shared.intake.reading import Reading
from shared.intake.records import Outcome, Rejected, rejected, too_large


def read_ndjson(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`application/x-ndjson`: our own documents."""
    for line, value in _values(pieces, reading):
        yield value if isinstance(value, Rejected) else read_document(value, line, reading)


def read_fhir_ndjson(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`application/fhir+ndjson`: resources, as a bulk export writes them, or Bundles."""
    for line, value in _values(pieces, reading):
        if isinstance(value, Rejected):
            yield value
        else:
            yield from read_resource(value, Place(reading, line))


def _values(pieces: Iterator[bytes], reading: Reading) -> Iterator[tuple[int, Any]]:
    """(line, its value or its rejection) of each line that is not blank."""
    for line, raw in split_lines(pieces, reading.limits.max_record_bytes):
        if raw is None:
            yield line, too_large(line, reading.limits.max_record_bytes)
        elif raw and not raw.isspace():
            try:
                yield line, decode_json(raw, max_depth=reading.limits.max_json_depth)
            except InvalidRecord as error:
                yield line, rejected(line, error)
