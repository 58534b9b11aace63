"""Bytes → characters."""

import re

from shared.errors import InvalidRecord

CHARSETS = re.compile(
    r"utf-?8|utf-?16(-?[bl]e)?|(us-)?ascii|latin-?1|iso-?8859-\d{1,2}|(windows-|cp)125\d"
)
"""Python also knows codecs that are no charsets, and some that take quadratic time."""


def decode_text(raw: bytes, charset: str | None) -> str:
    """Characters of `raw`, UTF-8 unless `charset` names another; without a byte order mark.

    Raises InvalidRecord: `unsupported_charset`, `invalid_utf8`, or `invalid_encoding` for others.
    """
    name = (charset or "utf-8").lower()
    try:
        if not CHARSETS.fullmatch(name):
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
