"""Markup: HTML or XML in whatever charset → UTF-8, and text that is markup in truth."""

import codecs
import re

from shared.intake.charset import decode_text
from shared.intake.records import Attachment

_PROLOG_BYTES = 1024
"""Where the charset must be stated (html.spec.whatwg.org, section 4.2.5.4)."""
_STATED = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']"""
    rb"""|<meta\s[^>]{0,300}?\bcharset\s*=\s*["']?([A-Za-z0-9._\-]{1,40})""",
    re.IGNORECASE,
)
_RTF = r"{\rtf"
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,200}\?>")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def as_attachment(text: str) -> Attachment | None:
    """A text that is RTF or HTML, as databases hold and export it: a worker takes it to text."""
    beginning = text[:_PROLOG_BYTES].lstrip()
    if beginning.startswith(_RTF):
        return Attachment("text/rtf", text.encode())
    if _HTML.match(beginning):
        return Attachment("text/html", text.encode())
    return None


def as_utf8(raw: bytes, charset: str | None) -> bytes:
    """The same markup in UTF-8, without its XML declaration, which may name another charset.

    A byte order mark decides, then `charset`, then what the markup states itself, else it is UTF-8.
    Raises InvalidRecord as `decode_text` does.
    """
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if raw.startswith(mark)), None)
    text = decode_text(raw, marked or charset or _stated(raw))
    return text[_after_declaration(text) :].encode()


def _stated(raw: bytes) -> str | None:
    found = _STATED.search(raw[:_PROLOG_BYTES])
    return (found[1] or found[2]).decode("ascii") if found else None


def _after_declaration(text: str) -> int:
    declaration = _XML_DECLARATION.match(text)
    return declaration.end() if declaration else 0
