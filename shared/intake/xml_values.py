"""XML from strangers (XML 1.0, fifth edition): no DTD, so no entities; shallow; few encodings."""

import codecs
import re

from lxml import etree

from shared.errors import InvalidRecord
from shared.intake.charset import decode_text

MAX_DEPTH = 100
_MAX_NODES = 1_500_000
"""Of tags and attributes, which take some hundred bytes each once parsed."""
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    ("<?".encode("utf-16-le"), "utf-16-le"),
    ("<?".encode("utf-16-be"), "utf-16-be"),
)
_CHARSETS = frozenset(("utf-8", "utf-16", "us-ascii", "iso-8859-1", "windows-1252"))
_DECLARATION = re.compile(r"<\?xml\s[^>]*?\?>")
_DECLARED = re.compile(rb"<\?xml\s[^>]*?\sencoding\s*=\s*[\"']([A-Za-z][\w.-]{0,39})[\"']")
_DOCTYPE = re.compile(r"(?:(?><\?.*?\?>)|(?><!--.*?-->)|\s+)*+<!DOCTYPE", re.DOTALL)
_BEYOND_MAX_DEPTH = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")


def parse_xml(raw: bytes, charset: str | None = None) -> etree._Element:
    """The root of a document in UTF-8, UTF-16, ISO-8859-1 or windows-1252, as its prolog says.

    Where that says nothing, as the media type's `charset` does.

    Raises InvalidRecord: `unsupported_charset`, `invalid_utf8`, `invalid_encoding`, and as
    `parse_xml_text`.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return parse_xml_text(decode_text(raw, encoding))
    declared = _DECLARED.match(raw.lstrip())
    encoding = (declared[1].decode() if declared else charset or "utf-8").lower()
    if encoding not in _CHARSETS:
        raise InvalidRecord(
            "The XML is in an encoding that is not read.",
            code="unsupported_charset",
            how_to_fix="Write it in UTF-8; UTF-16, ISO-8859-1 and windows-1252 are read too.",
        )
    return parse_xml_text(decode_text(raw, encoding))


def parse_xml_text(text: str) -> etree._Element:
    """The root of a document whose characters are known; what its prolog declares is let pass.

    Raises InvalidRecord: `xml_dtd_forbidden`, `xml_too_deep`, `xml_too_large` or `invalid_xml`.
    """
    text = text.removeprefix("\ufeff").lstrip()
    declaration = _DECLARATION.match(text)
    text = text[declaration.end() :] if declaration else text
    if _DOCTYPE.match(text):
        raise _dtd_forbidden()
    if text.count("<") + text.count("=") > _MAX_NODES:
        raise _too_large()
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        raise _invalid() from None
    root = _parse(encoded)
    if root.getroottree().docinfo.doctype:
        raise _dtd_forbidden()
    if _BEYOND_MAX_DEPTH(root.getroottree()):
        raise _too_deep()
    return root


def _parse(encoded: bytes) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(encoded, parser)
    except etree.XMLSyntaxError as error:
        code, message = error.code, error.msg or ""
    finally:
        etree.clear_error_log()  # it keeps what it quotes
    if code != etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        raise _invalid()
    raise _too_deep() if "depth" in message.lower() else _too_large()


def _invalid() -> InvalidRecord:
    return InvalidRecord(
        "The document is not well-formed XML.",
        code="invalid_xml",
        how_to_fix="Write XML with a library; check it with `xmllint --noout`.",
    )


def _dtd_forbidden() -> InvalidRecord:
    return InvalidRecord(
        "The XML has a document type declaration, which is never read.",
        code="xml_dtd_forbidden",
        how_to_fix="Leave <!DOCTYPE …> and entities of your own out.",
    )


def _too_deep() -> InvalidRecord:
    return InvalidRecord(
        f"XML nested more than {MAX_DEPTH} levels deep.",
        code="xml_too_deep",
        how_to_fix="Send a flatter structure.",
    )


def _too_large() -> InvalidRecord:
    return InvalidRecord(
        "The XML has too many elements, or one that is too long.",
        code="xml_too_large",
        how_to_fix="Split the document into its notes and send each as a record.",
    )
