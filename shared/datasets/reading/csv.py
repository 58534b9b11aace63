"""Rows as comma-separated values (RFC 4180) with a header, streamed."""

import codecs
import csv
from collections.abc import Iterable, Iterator

from shared.config import DatasetSettings
from shared.datasets.reading.fields import Columns, read_row
from shared.datasets.records import RejectedRow, Row
from shared.errors import InvalidInput
from shared.schemas.datasets import Split


def read_csv(  # noqa: PLR0913 - a table in text has these parameters
    pieces: Iterable[bytes],
    columns: Columns,
    limits: DatasetSettings,
    split: Split | None,
    *,
    charset: str,
    delimiter: str,
) -> Iterator[Row | RejectedRow]:
    """`line` is that on which a row begins; quoted fields may run over several.

    Bytes that are not in the charset spoil their row and no other. Raises InvalidInput for a file
    without a header or without the column of the source, and for quotes that never close.
    """
    # A field may be as long as a source; the module's own limit is lower, and for the process.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * limits.max_example_characters))
    longest = 4 * limits.max_example_characters
    reader = csv.reader(_lines(pieces, charset, longest), delimiter=delimiter, strict=True)
    before = 0
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(reader, [])]
        _check(header, columns)
        before = reader.line_num
        for fields in reader:
            line, before = before + 1, reader.line_num
            if len(fields) == len(header):
                members = dict(zip(header, (field or None for field in fields), strict=True))
                yield read_row(line, members, columns, limits, split)
            elif fields:
                detail = f"The row has {len(fields)} fields, the header {len(header)}."
                yield RejectedRow(line, "wrong_number_of_fields", detail)
    except csv.Error:
        raise InvalidInput(
            f"The CSV cannot be read from line {before + 1} on: a quote does not close, or a "
            "field is longer than a source may be.",
            code="broken_csv",
            line=before + 1,
            how_to_fix="Double the quotes inside quoted fields.",
        ) from None


def _check(header: list[str], columns: Columns) -> None:
    if not set(columns.source) <= set(header):
        raise InvalidInput(
            "The header has no column of the source's name.",
            code="missing_column",
            param="source_column",
            how_to_fix="Name the columns with source_column=… and target_column=….",
        )
    if len(set(header)) != len(header):
        raise InvalidInput(
            "The header names a column twice.",
            code="duplicate_column",
            how_to_fix="Rename or remove one of the two.",
        )


def _lines(pieces: Iterable[bytes], charset: str, longest: int) -> Iterator[str]:
    """Lines with their ends. Bytes that do not decode become lone surrogates, which no row holds.

    Raises csv.Error for a line that no row can be.
    """
    decoder = codecs.getincrementaldecoder(charset)(errors="surrogateescape")
    held = ""
    for piece in pieces:
        *lines, held = (held + decoder.decode(piece)).split("\n")
        yield from (f"{line}\n" for line in lines)
        if len(held) > longest:
            raise csv.Error
    held += decoder.decode(b"", final=True)
    if held:
        yield held
