"""C-CDA (HL7 CDA R2, release 2.1 of the US templates): one ClinicalDocument is one record."""

from collections.abc import Iterator

from lxml import etree

from shared.config import IntakeSettings
from shared.errors import InvalidRecord
from shared.intake.body import join
from shared.intake.cda.body import V3, structured_text, unstructured
from shared.intake.fields import (
    MAX_IDENTIFIER_CHARACTERS,
    MAX_LANGUAGE_CHARACTERS,
    document_text,
    optional_string,
)
from shared.intake.reading import Reading
from shared.intake.records import Attachment, Outcome, Record, rejected, too_large
from shared.intake.xml_values import parse_xml

_DOCUMENT = f"{{{V3}}}ClinicalDocument"
_FHIR = "{http://hl7.org/fhir}"


def read_cda(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`application/xml`: a body that is one ClinicalDocument."""
    raw = join(pieces, reading.limits.max_record_bytes)
    if raw is None:
        yield too_large(1, reading.limits.max_record_bytes)
    elif raw.strip():
        yield _read(raw, reading)


def read_cda_content(raw: bytes, limits: IntakeSettings) -> str | Attachment:
    """What a ClinicalDocument that came as an attachment says, or the PDF or the like in it.

    Raises InvalidRecord: as `parse_xml`, `unsupported_document`, `text_missing`,
    `document_too_large`.
    """
    return _content(_clinical_document(raw), limits)


def _read(raw: bytes, reading: Reading) -> Outcome:
    custom_id = None
    try:
        document = _clinical_document(raw, reading.charset)
        custom_id = _first_identifier(document, "id")
        return _record(document, custom_id, reading)
    except InvalidRecord as error:
        return rejected(1, error, custom_id)


def _clinical_document(raw: bytes, charset: str | None = None) -> etree._Element:
    root = parse_xml(raw, charset)
    if root.tag != _DOCUMENT:
        is_fhir = isinstance(root.tag, str) and root.tag.startswith(_FHIR)
        raise InvalidRecord(
            "The XML is FHIR." if is_fhir else "The XML is no C-CDA ClinicalDocument.",
            code="unsupported_document",
            how_to_fix="Send FHIR as JSON, under application/fhir+json."
            if is_fhir
            else "Send a ClinicalDocument of the namespace urn:hl7-org:v3.",
        )
    return root


def _record(document: etree._Element, custom_id: str | None, reading: Reading) -> Record:
    content = _content(document, reading.limits)
    return Record(
        1,
        text="" if isinstance(content, Attachment) else content,
        attachment=content if isinstance(content, Attachment) else None,
        custom_id=custom_id,
        note_type_from_code=_note_type(document, reading),
        subject=_first_identifier(document, "recordTarget/patientRole/id"),
        language=_language(document),
        replaces=tuple(_replaced(document)),
    )


def _content(document: etree._Element, limits: IntakeSettings) -> str | Attachment:
    enveloped = unstructured(document)
    if isinstance(enveloped, Attachment):
        return enveloped
    text = structured_text(document) if enveloped is None else enveloped
    return document_text(text, limits, param="component")


def _note_type(document: etree._Element, reading: Reading) -> str | None:
    for code in _all(document, "code") + _all(document, "code/translation"):
        system, value = code.get("codeSystem"), code.get("code")
        if system and value:
            name = reading.note_type_for_code(f"urn:oid:{system}", value)
            if name is not None:
                return name
    return None


def _language(document: etree._Element) -> str | None:
    """The first; languageCode stands once in a document."""
    for code in _all(document, "languageCode"):
        stated = {"languageCode": code.get("code") or None}
        return optional_string(stated, "languageCode", max_characters=MAX_LANGUAGE_CHARACTERS)
    return None


def _replaced(document: etree._Element) -> Iterator[str]:
    for related in _all(document, "relatedDocument"):
        if related.get("typeCode") == "RPLC":
            identifier = _first_identifier(related, "parentDocument/id")
            if identifier is not None:
                yield identifier


def _first_identifier(element: etree._Element, path: str) -> str | None:
    """`root^extension`, or the root where that is all; of several the first that is not null."""
    for identifier in _all(element, path):
        root, extension = identifier.get("root"), identifier.get("extension")
        parts = {path: f"{root}^{extension}" if extension else root}
        if root:
            return optional_string(parts, path, max_characters=MAX_IDENTIFIER_CHARACTERS)
    return None


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return list(element.iterfind("/".join(f"{{{V3}}}{name}" for name in path.split("/"))))
