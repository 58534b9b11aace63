"""FHIR R4 Attachment (hl7.org/fhir/R4/datatypes.html#Attachment) → text."""

import binascii
import hashlib
from collections.abc import Callable

from shared.config import IntakeSettings
from shared.errors import InvalidRecord
from shared.intake.charset import decode_text
from shared.intake.fields import document_text, invalid_field
from shared.intake.json_record import Members
from shared.intake.media_type import parse_media_type

_DATA = "content.attachment.data"

_DECODERS: dict[str, Callable[[bytes, str | None], str]] = {"text/plain": decode_text}
"""Media type → how its bytes, under a charset if one is named, become text."""


def read_attachment(attachment: Members, limits: IntakeSettings) -> str:
    """The text of an attachment that carries its data.

    Raises InvalidRecord: `unsupported_attachment`, `attachment_not_included`, `invalid_base64`,
    `attachment_hash_mismatch`, or what is wrong with the text.
    """
    content_type = attachment.get("contentType")
    media_type, charset = parse_media_type(content_type if isinstance(content_type, str) else "")
    decode = _DECODERS.get(media_type)
    if decode is None:
        raise InvalidRecord(
            "The attachment is of a type that cannot be read yet.",
            code="unsupported_attachment",
            param="content.attachment.contentType",
            how_to_fix=f"Attach the note as {' or '.join(_DECODERS)} and say so in contentType.",
        )
    raw = _data(attachment)
    _check_hash(raw, attachment.get("hash"))
    return document_text(decode(raw, charset), limits, param=_DATA)


def _data(attachment: Members) -> bytes:
    data = attachment.get("data")
    if data is None and attachment.get("url") is not None:
        raise InvalidRecord(
            "The attachment is only pointed at, and nothing is fetched.",
            code="attachment_not_included",
            param="content.attachment.url",
            how_to_fix="Put the content into attachment.data as base64.",
        )
    if data is None:
        return b""
    if not isinstance(data, str):
        raise invalid_field(_DATA, "a string of base64")
    try:
        return binascii.a2b_base64("".join(data.split()), strict_mode=True)
    except ValueError:  # binascii.Error, or characters that are not ASCII
        raise InvalidRecord(
            "The attachment's data is not valid base64.",
            code="invalid_base64",
            param=_DATA,
            how_to_fix="Encode the bytes with standard base64 (RFC 4648, section 4), padded.",
        ) from None


def _check_hash(raw: bytes, stated: object) -> None:
    """SHA-1 in base64, as R4 has it; in hexadecimal, as some senders write it."""
    if stated is None:
        return
    digest = hashlib.sha1(raw, usedforsecurity=False)
    base64 = binascii.b2a_base64(digest.digest(), newline=False).decode()
    if stated not in (base64, digest.hexdigest()):
        raise InvalidRecord(
            "The attachment's data and hash do not belong together.",
            code="attachment_hash_mismatch",
            param="content.attachment.hash",
            how_to_fix="Send the data that the hash was made of, or correct the hash: "
            "SHA-1 of the decoded bytes, in base64.",
        )
