"""FHIR R4 Attachment (hl7.org/fhir/R4/datatypes.html#Attachment) → text, or bytes on their way.

Text and C-CDA are read in place. PDF, RTF and XHTML need time and memory of their own: they go on
as bytes, checked here as far as the sender's statements go.
"""

import binascii
import hashlib
from typing import NamedTuple

from shared.config import IntakeSettings
from shared.errors import InvalidRecord
from shared.extraction.media_types import EXTRACTABLE
from shared.intake.cda.read import read_cda_content
from shared.intake.charset import decode_text
from shared.intake.fields import base64_bytes, document_text, invalid_field
from shared.intake.markup import as_attachment, as_utf8
from shared.intake.media_type import parse_media_type
from shared.intake.members import Members
from shared.intake.records import Attachment

_TEXT = "text/plain"
_CDA = frozenset(("text/xml", "application/xml", "application/hl7-cda+xml", "application/cda+xml"))
_RANKS = {
    _TEXT: 0,
    **dict.fromkeys(_CDA, 1),
    **{name: {"html": 1, "rtf": 2, "pdf": 3}[form] for name, form in EXTRACTABLE.items()},
}
"""Readable media types and how well each keeps its text: the lower, the less is lost."""
_OFFERED = (_TEXT, "application/hl7-cda+xml", "application/xhtml+xml", "text/html", "text/rtf")


class Form(NamedTuple):
    media_type: str
    charset: str | None

    @property
    def rank(self) -> int:
        return _RANKS.get(self.media_type, len(_RANKS))

    @property
    def is_readable(self) -> bool:
        return self.media_type in _RANKS


def parse_form(content_type: object) -> Form:
    """Of a `contentType`; ("", None) where there is none."""
    media_type, charset = parse_media_type(content_type if isinstance(content_type, str) else "")
    return Form(media_type, charset)


def read_attachment(
    attachment: Members, form: Form, limits: IntakeSettings, param: str
) -> str | Attachment:
    """The text of an attachment that carries its data, or what a worker can take to text.

    Raises InvalidRecord: `unsupported_attachment`, `attachment_not_included`, `invalid_base64`,
    `attachment_size_mismatch`, `attachment_hash_mismatch`, or what is wrong with the text.
    """
    if form.is_readable or not form.media_type:
        _check_included(attachment, param)
    if not form.is_readable:
        raise InvalidRecord(
            "The attachment is of a type that cannot be read.",
            code="unsupported_attachment",
            param=f"{param}.contentType",
            how_to_fix=f"Attach the note as {', '.join(_OFFERED)} or application/pdf and say so in "
            "contentType.",
        )
    raw = _data(attachment, param)
    _check_size(raw, attachment, param)
    _check_hash(raw, attachment.get("hash"), param)
    return _read(raw, form, limits, f"{param}.data")


def _read(raw: bytes, form: Form, limits: IntakeSettings, param: str) -> str | Attachment:
    if form.media_type == _TEXT:
        text = document_text(decode_text(raw, form.charset), limits, param=param)
        return as_attachment(text) or text
    if not raw.strip():
        return document_text("", limits, param=param)
    if len(raw) > limits.max_record_bytes:
        raise InvalidRecord(
            f"The attachment is larger than {limits.max_record_bytes} bytes.",
            code="document_too_large",
            param=param,
            how_to_fix="Split the document into its notes and attach each to a resource.",
        )
    if form.media_type in _CDA:
        marked = as_utf8(raw, form.charset) if form.charset else raw
        return read_cda_content(marked, limits)
    if EXTRACTABLE[form.media_type] == "html":
        raw = as_utf8(raw, form.charset)
    return Attachment(form.media_type, raw)


def _check_included(attachment: Members, param: str) -> None:
    if attachment.get("data") is None and attachment.get("url") is not None:
        raise InvalidRecord(
            "The attachment is only pointed at, and nothing is fetched.",
            code="attachment_not_included",
            param=f"{param}.url",
            how_to_fix="Put the content into attachment.data as base64, or send the Binary that "
            "the url means in the same body.",
        )


def _data(attachment: Members, param: str) -> bytes:
    data = attachment.get("data")
    if data is None:
        return b""
    if not isinstance(data, str):
        raise invalid_field(f"{param}.data", "a string of base64")
    return base64_bytes(data, f"{param}.data")


def _check_size(raw: bytes, attachment: Members, param: str) -> None:
    """Bytes of the data; of its base64, as some senders count. R5 writes the number as a string."""
    stated = attachment.get("size")
    if stated is None:
        return
    if isinstance(stated, bool) or not isinstance(stated, int | str):
        raise invalid_field(f"{param}.size", "a number of bytes")
    if str(stated) not in (str(len(raw)), str(len(attachment.get("data") or ""))):
        raise InvalidRecord(
            "The attachment's data is not of the size that is stated.",
            code="attachment_size_mismatch",
            param=f"{param}.size",
            how_to_fix="Send all of the data, or correct the size: bytes before base64.",
        )


def _check_hash(raw: bytes, stated: object, param: str) -> None:
    """SHA-1 in base64, as R4 has it; in hexadecimal, as some senders write it."""
    if stated is None:
        return
    digest = hashlib.sha1(raw, usedforsecurity=False)
    base64 = binascii.b2a_base64(digest.digest(), newline=False).decode()
    if stated not in (base64, digest.hexdigest()):
        raise InvalidRecord(
            "The attachment's data and hash do not belong together.",
            code="attachment_hash_mismatch",
            param=f"{param}.hash",
            how_to_fix="Send the data that the hash was made of, or correct the hash: "
            "SHA-1 of the decoded bytes, in base64.",
        )
