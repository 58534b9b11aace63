"""FHIR R4 DocumentReference (hl7.org/fhir/R4/documentreference.html) → record."""

from collections.abc import Iterator

from shared.errors import InvalidRecord
from shared.intake.attachment import read_attachment
from shared.intake.fields import MAX_IDENTIFIER_CHARACTERS, MAX_LANGUAGE_CHARACTERS, optional_string
from shared.intake.json_record import Members
from shared.intake.reading import Reading
from shared.intake.records import Record


def parse_document_reference(
    resource: Members, line: int, custom_id: str | None, reading: Reading
) -> Record:
    """Raises InvalidRecord: `entered_in_error`, or why no attachment can be read."""
    warnings = _warnings(resource)
    attachment, text = _first_readable(resource, reading)
    return Record(
        line,
        text,
        custom_id=custom_id,
        note_type_from_code=_note_type(resource, reading),
        subject=_subject(resource),
        language=_language(attachment) or _language(resource),
        warnings=warnings,
    )


def objects(value: object) -> list[Members]:
    """The objects in a member that holds one or a list of them; other values are let pass."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


def _warnings(resource: Members) -> tuple[str, ...]:
    status = optional_string(resource, "status", max_characters=64)
    doc_status = optional_string(resource, "docStatus", max_characters=64)
    if "entered-in-error" in (status, doc_status):
        raise InvalidRecord(
            "The document was entered in error.",
            code="entered_in_error",
            param="status" if status == "entered-in-error" else "docStatus",
            how_to_fix="Leave it out: it must not be read as the patient's.",
        )
    superseded = ("superseded",) if status == "superseded" else ()
    preliminary = ("preliminary",) if doc_status == "preliminary" else ()
    return superseded + preliminary


def _first_readable(resource: Members, reading: Reading) -> tuple[Members, str]:
    """Each `content` is the same document in another form, so the first that can be read will do.

    Raises the first error that a sender can mend; that of a form not read at all only for want of
    another.
    """
    errors = []
    for content in objects(resource.get("content")):
        for attachment in objects(content.get("attachment")):
            try:
                return attachment, read_attachment(attachment, reading.limits)
            except InvalidRecord as error:
                errors.append(error)
    if not errors:
        raise InvalidRecord(
            "The resource has no attachment.",
            code="text_missing",
            param="content.attachment",
            how_to_fix="Put the note into content[].attachment.data as base64.",
        )
    raise next((e for e in errors if e.error_code != "unsupported_attachment"), errors[0])


def _note_type(resource: Members, reading: Reading) -> str | None:
    for system, code in _codes(resource):
        name = reading.note_type_for_code(system, code)
        if name is not None:
            return name
    return None


def _codes(resource: Members) -> Iterator[tuple[str | None, str]]:
    for concept in objects(resource.get("type")) + objects(resource.get("category")):
        for coding in objects(concept.get("coding")):
            system, code = coding.get("system"), coding.get("code")
            if isinstance(code, str):
                yield system if isinstance(system, str) else None, code


def _subject(resource: Members) -> str | None:
    """The reference; one into the resource itself (`#p1`) says nothing outside of it."""
    for subject in objects(resource.get("subject")):
        reference = optional_string(
            subject,
            "reference",
            max_characters=MAX_IDENTIFIER_CHARACTERS,
            param="subject.reference",
        )
        return None if reference is None or reference.startswith("#") else reference
    return None


def _language(members: Members) -> str | None:
    return optional_string(members, "language", max_characters=MAX_LANGUAGE_CHARACTERS)
