"""Checks of single fields. Each raises InvalidRecord naming the field, never its value."""

import binascii
from collections.abc import Mapping
from typing import Any

from shared.config import IntakeSettings
from shared.errors import InvalidRecord

MAX_IDENTIFIER_CHARACTERS = 512
MAX_LANGUAGE_CHARACTERS = 64
_MAX_PAIRS, _MAX_NAME, _MAX_VALUE = 16, 64, 512  # as shared.schemas.batches.Metadata


def optional_string(
    members: Mapping[str, Any], name: str, *, max_characters: int, param: str | None = None
) -> str | None:
    """A string of 1 to `max_characters`, or None where the member is absent or null."""
    value = members.get(name)
    if value is None:
        return None
    param = param or name
    if not isinstance(value, str) or not 0 < len(value) <= max_characters:
        raise invalid_field(param, f"a string of 1 to {max_characters} characters")
    check_characters(value, param)
    return value


def document_text(value: object, limits: IntakeSettings, *, param: str = "text") -> str:
    """The text of a document: there, not blank, not too long."""
    if value is None or value == "":
        raise _text_missing(param)
    if not isinstance(value, str):
        raise invalid_field(param, "a string")
    if value.isspace():
        raise _text_missing(param)
    if len(value) > limits.max_document_characters:
        raise InvalidRecord(
            f"The text is longer than {limits.max_document_characters} characters.",
            code="document_too_large",
            param=param,
            how_to_fix="Split the document into its notes and send each as a record.",
        )
    check_characters(value, param)
    return value


def string_pairs(value: object, param: str) -> dict[str, str]:
    """Metadata: at most 16 pairs of strings, names to 64 and values to 512 characters."""
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > _MAX_PAIRS:
        raise invalid_field(param, f"an object of at most {_MAX_PAIRS} pairs of strings")
    for name, text in value.items():
        if not isinstance(text, str) or len(name) > _MAX_NAME or len(text) > _MAX_VALUE:
            raise invalid_field(
                param, f"pairs of strings, names to {_MAX_NAME}, values to {_MAX_VALUE} characters"
            )
        check_characters(name, param)
        check_characters(text, param)
    return value


def base64_bytes(value: str, param: str) -> bytes:
    """Raises InvalidRecord `invalid_base64`. White space is let pass."""
    try:
        return binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except ValueError:  # binascii.Error, or characters that are not ASCII
        raise InvalidRecord(
            f"`{param}` is not valid base64.",
            code="invalid_base64",
            param=param,
            how_to_fix="Encode the bytes with standard base64 (RFC 4648, section 4), padded.",
        ) from None


def check_characters(value: str, param: str) -> None:
    r"""JSON's escapes can spell what no database and no UTF-8 holds: \u0000 and lone surrogates."""
    if "\0" in value or not _is_encodable(value):
        raise InvalidRecord(
            f"`{param}` holds a NUL character or half of a surrogate pair.",
            code="invalid_characters",
            param=param,
            how_to_fix="Remove U+0000 and unpaired U+D800 to U+DFFF before sending.",
        )


def invalid_field(param: str, wanted: str) -> InvalidRecord:
    return InvalidRecord(
        f"`{param}` is not of the form that it must have.",
        code="invalid_field",
        param=param,
        how_to_fix=f"`{param}` must be {wanted}.",
    )


def _text_missing(param: str) -> InvalidRecord:
    return InvalidRecord(
        "There is no text to summarize.",
        code="text_missing",
        param=param,
        how_to_fix=f"Put the document's text into `{param}`, or leave the record out.",
    )


def _is_encodable(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
