"""Plain text: bytes → characters, and `text/plain` as one document."""

import re
from collections.abc import Iterator

from shared.errors import InvalidRecord
from shared.intake.body import join
from shared.intake.fields import document_text
from shared.intake.ndjson import record_too_large
from shared.intake.reading import Reading
from shared.intake.records import Outcome, Record, rejected

_TEXT_CHARSET = re.compile(
    r"utf-?8|utf-?16(-?[bl]e)?|(us-)?ascii|latin-?1|iso-?8859-\d{1,2}|(windows-|cp)125\d"
)
"""Python also knows codecs that are no charsets, and some that take quadratic time."""


def read_text(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`text/plain`: the body is one document, kept as it is."""
    raw = join(pieces, reading.limits.max_record_bytes)
    if raw is None:
        yield rejected(1, record_too_large(reading))
    elif raw:
        yield _read(raw, reading)


def _read(raw: bytes, reading: Reading) -> Outcome:
    try:
        return Record(1, document_text(decode_text(raw, reading.charset), reading.limits))
    except InvalidRecord as error:
        return rejected(1, error)


def decode_text(raw: bytes, charset: str | None) -> str:
    """Characters of `raw`, UTF-8 unless `charset` names another; without a byte order mark.

    Raises InvalidRecord: `unsupported_charset`, `invalid_utf8`, or `invalid_encoding` for others.
    """
    name = (charset or "utf-8").lower()
    try:
        if not _TEXT_CHARSET.fullmatch(name):
            raise LookupError  # noqa: TRY301 - the same as a codec that Python has not
        return raw.decode(name).removeprefix("\ufeff")
    except LookupError:
        raise InvalidRecord(
            "The text's charset is not known.",
            code="unsupported_charset",
            param="charset",
            how_to_fix="Use utf-8, or name utf-16, iso-8859-… or windows-125….",
        ) from None
    except UnicodeDecodeError as error:
        raise InvalidRecord(
            f"The text is not in its charset at byte {error.start + 1}.",
            code="invalid_utf8" if name in ("utf-8", "utf8") else "invalid_encoding",
            param="charset",
            how_to_fix="Send UTF-8, or name the charset: text/plain; charset=windows-1252.",
        ) from None
