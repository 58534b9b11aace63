"""The doorway: a body of examples to rows, by its media type, streaming."""

from collections.abc import Iterable, Iterator

from shared.config import DatasetSettings, IntakeSettings
from shared.datasets.reading.csv import read_csv
from shared.datasets.reading.fields import Columns
from shared.datasets.reading.ndjson import read_ndjson
from shared.datasets.reading.parquet import read_parquet
from shared.datasets.records import RejectedRow, Row
from shared.errors import PayloadTooLarge, UnsupportedFormat
from shared.intake.body import open_body
from shared.intake.charset import CHARSETS
from shared.intake.media_type import parse_media_type
from shared.schemas.datasets import Split

_NDJSON = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_DELIMITERS = {"text/csv": ",", "application/csv": ",", "text/tab-separated-values": "\t"}
_PARQUET = frozenset({"application/vnd.apache.parquet", "application/x-parquet"})
MEDIA_TYPES = (*sorted(_NDJSON), *sorted(_DELIMITERS), *sorted(_PARQUET))


def read_rows(  # noqa: PLR0913 - a body and what came with it
    chunks: Iterable[bytes],
    *,
    content_type: str,
    content_encoding: str | None,
    columns: Columns,
    limits: DatasetSettings,
    intake: IntakeSettings,
    split: Split | None = None,
) -> Iterator[Row | RejectedRow]:
    """The rows of a body, pulled as they are asked for; a bad one never harms its neighbours.

    Raises UnsupportedFormat at once, and from the iterator InvalidInput for what is wrong with the
    body as a whole.
    """
    media_type, charset = parse_media_type(content_type)
    body = _limits_of(intake, limits)
    pieces = open_body(chunks, content_encoding, body)
    if media_type in _NDJSON:
        rows = read_ndjson(pieces, columns, limits, split)
    elif media_type in _DELIMITERS:
        rows = read_csv(
            pieces,
            columns,
            limits,
            split,
            charset=_charset(charset),
            delimiter=_DELIMITERS[media_type],
        )
    elif media_type in _PARQUET:
        rows = read_parquet(pieces, columns, limits, split)
    else:
        raise UnsupportedFormat(
            "This media type is not known.",
            param="Content-Type",
            how_to_fix=f"Send one of: {', '.join(MEDIA_TYPES)}.",
        )
    return _counted(rows, limits.max_examples)


def _limits_of(intake: IntakeSettings, limits: DatasetSettings) -> IntakeSettings:
    """The rules of bodies, with the size that a dataset may have."""
    return intake.model_copy(update={"max_body_bytes": limits.max_dataset_bytes})


def _charset(name: str | None) -> str:
    name = (name or "utf-8").lower()
    if not CHARSETS.fullmatch(name):
        raise UnsupportedFormat(
            "The charset is not known.",
            param="Content-Type",
            how_to_fix="Name the one it is written in, as `text/csv; charset=windows-1252`.",
        )
    return name


def _counted(rows: Iterator[Row | RejectedRow], most: int) -> Iterator[Row | RejectedRow]:
    for count, row in enumerate(rows, start=1):
        if count > most:
            raise PayloadTooLarge(
                f"A dataset version may hold {most} rows.",
                code="too_many_examples",
                how_to_fix="Split the rows over several datasets.",
            )
        yield row
