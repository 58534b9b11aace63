"""Rows as newline-delimited JSON, streamed."""

from collections.abc import Iterable, Iterator

from shared.config import DatasetSettings
from shared.datasets.reading.fields import Columns, read_row
from shared.datasets.records import RejectedRow, Row
from shared.errors import InvalidRecord
from shared.intake.json_values import decode_json
from shared.intake.lines import split_lines
from shared.schemas.datasets import Split

_BYTES_PER_CHARACTER = 6
"""Of JSON at its longest: `\\u00e9`. A row holds a source and a target."""
_DEPTH = 8


def read_ndjson(
    pieces: Iterable[bytes], columns: Columns, limits: DatasetSettings, split: Split | None
) -> Iterator[Row | RejectedRow]:
    """A row a line; blank lines are counted and left out."""
    longest = 2 * _BYTES_PER_CHARACTER * limits.max_example_characters
    for line, raw in split_lines(pieces, longest):
        if raw is None:
            yield RejectedRow(line, "too_large", f"The row is longer than {longest} bytes.")
        elif not raw.isspace():
            yield _read_line(line, raw, columns, limits, split)


def _read_line(
    line: int, raw: bytes, columns: Columns, limits: DatasetSettings, split: Split | None
) -> Row | RejectedRow:
    try:
        members = decode_json(raw, max_depth=_DEPTH)
    except InvalidRecord as error:
        return RejectedRow(line, error.error_code, error.detail)
    if not isinstance(members, dict):
        return RejectedRow(line, "not_an_object", "The line is JSON, but no object.")
    return read_row(line, members, columns, limits, split)
