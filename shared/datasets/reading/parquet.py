"""Rows of an Apache Parquet file, a few hundred at a time."""

import io
from collections.abc import Iterable, Iterator

from shared.config import DatasetSettings
from shared.datasets.reading.fields import Columns, read_row
from shared.datasets.reading.seekable import SealedReader
from shared.datasets.records import RejectedRow, Row
from shared.errors import InvalidInput, UnsupportedFormat
from shared.schemas.datasets import Split

_ROWS = 256


def read_parquet(
    pieces: Iterable[bytes], columns: Columns, limits: DatasetSettings, split: Split | None
) -> Iterator[Row | RejectedRow]:
    """`line` is a row's place, from 1.

    Raises UnsupportedFormat without pyarrow (extra `parquet`), and InvalidInput for what is no
    Parquet file or has no column of the source's name.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise UnsupportedFormat(
            "This installation reads no Parquet.",
            code="parquet_not_installed",
            how_to_fix="Send NDJSON or CSV, or install epicrisis[parquet] for the API.",
        ) from None
    with SealedReader(pieces, limits.max_dataset_bytes) as sealed:
        try:
            file = parquet.ParquetFile(io.BufferedReader(sealed), memory_map=False)
            if not set(columns.source) <= set(file.schema_arrow.names):
                raise _missing_column()
            line = 0
            for batch in file.iter_batches(batch_size=_ROWS):
                for members in batch.to_pylist():
                    line += 1
                    yield read_row(line, members, columns, limits, split)
        except (pa.ArrowException, OSError):
            raise InvalidInput(
                "The body is no Parquet file that can be read.",
                code="broken_parquet",
                how_to_fix="Write it again, or send the rows as NDJSON.",
            ) from None


def _missing_column() -> InvalidInput:
    return InvalidInput(
        "The file has no column of the source's name.",
        code="missing_column",
        param="source_column",
        how_to_fix="Name the columns with source_column=… and target_column=….",
    )
