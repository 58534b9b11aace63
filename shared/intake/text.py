"""`text/plain`: a body that is one document."""

from collections.abc import Iterator

from shared.errors import InvalidRecord
from shared.intake.body import join
from shared.intake.charset import decode_text
from shared.intake.fields import document_text
from shared.intake.markup import as_attachment
from shared.intake.reading import Reading
from shared.intake.records import Outcome, Record, rejected, too_large


def read_text(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """The text is kept as it is, but for a byte order mark; RTF and HTML go to a worker."""
    raw = join(pieces, reading.limits.max_record_bytes)
    if raw is None:
        yield too_large(1, reading.limits.max_record_bytes)
    elif raw:
        yield _read(raw, reading)


def _read(raw: bytes, reading: Reading) -> Outcome:
    try:
        text = document_text(decode_text(raw, reading.charset), reading.limits)
    except InvalidRecord as error:
        return rejected(1, error)
    attachment = as_attachment(text)
    return Record(1, "" if attachment else text, attachment)
