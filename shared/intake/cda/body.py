"""What a ClinicalDocument says: the narratives of its sections, or the document in its envelope."""

from collections.abc import Iterator

from lxml import etree

from shared.errors import InvalidRecord
from shared.extraction.media_types import EXTRACTABLE
from shared.intake.charset import decode_text
from shared.intake.fields import base64_bytes
from shared.intake.markup import as_utf8
from shared.intake.media_type import parse_media_type
from shared.intake.narrative.render import heading_line, render
from shared.intake.records import Attachment

V3 = "urn:hl7-org:v3"
_NAMES = {"v": V3}
_TEXT_TYPES = frozenset(("", "text/plain"))
_BODY = "nonXMLBody.text"


def structured_text(document: etree._Element) -> str:
    """Title and sections; "" where no section has a narrative.

    A section is its title as a heading and its narrative; coded entries are not read, since the
    narrative is what a clinician has attested (C-CDA R2.1, 1.2). An empty section is left out.
    """
    sections = document.iterfind("v:component/v:structuredBody/v:component/v:section", _NAMES)
    blocks = [block for section in sections for block in _section(section)]
    title = _title(document)
    return "\n\n".join([title, *blocks] if title and blocks else blocks)


def unstructured(document: etree._Element) -> str | Attachment | None:
    """The enveloped document; None where there is none.

    Raises InvalidRecord: `unsupported_attachment`, `attachment_not_included`, `invalid_base64`, or
    what is wrong with the characters of a text.
    """
    text = document.find("v:component/v:nonXMLBody/v:text", _NAMES)
    if text is None:
        return None
    media_type, charset = parse_media_type(text.get("mediaType", ""))
    if text.find("v:reference", _NAMES) is not None:
        raise InvalidRecord(
            "The document's body is only pointed at, and nothing is fetched.",
            code="attachment_not_included",
            param=f"{_BODY}.reference",
            how_to_fix="Put the content into nonXMLBody.text as base64.",
        )
    if media_type not in _TEXT_TYPES | EXTRACTABLE.keys() or text.get("compression"):
        raise InvalidRecord(
            "The document's body is of a type that cannot be read.",
            code="unsupported_attachment",
            param=f"{_BODY}.mediaType",
            how_to_fix="Send text/plain, PDF, RTF or HTML, not compressed.",
        )
    characters = "".join(text.itertext())
    is_base64 = text.get("representation") == "B64"
    raw = base64_bytes(characters, _BODY) if is_base64 else characters.encode()
    if media_type not in _TEXT_TYPES:
        if is_base64 and charset and EXTRACTABLE[media_type] == "html":
            raw = as_utf8(raw, charset)
        return Attachment(media_type, raw)
    return decode_text(raw, charset) if is_base64 else characters


def _section(section: etree._Element) -> Iterator[str]:
    heading = heading_line(_title(section))
    narrative = section.find("v:text", _NAMES)
    text = "" if narrative is None else render(narrative)
    nested = [
        block
        for inner in section.iterfind("v:component/v:section", _NAMES)
        for block in _section(inner)
    ]
    if text.strip() or nested:
        yield "\n".join(line for line in (heading, text) if line)
        yield from nested


def _title(element: etree._Element) -> str:
    title = element.find("v:title", _NAMES)
    return "" if title is None else " ".join("".join(title.itertext()).split())
