"""Our own JSON document: `{"custom_id","text","note_type"?,"subject"?,"language"?,"metadata"?}`."""

from shared.errors import InvalidRecord
from shared.intake.fields import (
    MAX_IDENTIFIER_CHARACTERS,
    MAX_LANGUAGE_CHARACTERS,
    document_text,
    invalid_field,
    optional_string,
    string_pairs,
)
from shared.intake.json_record import JsonRecord, Members
from shared.intake.reading import Reading
from shared.intake.records import Record

_FIELDS = ("custom_id", "text", "note_type", "subject", "language", "metadata")
_FIELD_SET = frozenset(_FIELDS)


def _custom_id(members: Members) -> str | None:
    return optional_string(members, "custom_id", max_characters=MAX_IDENTIFIER_CHARACTERS)


def _parse(members: Members, line: int, custom_id: str | None, reading: Reading) -> Record:
    if not members.keys() <= _FIELD_SET:
        raise InvalidRecord(
            "The record has a member that is not known.",
            code="unknown_field",
            how_to_fix=f"A record has {', '.join(_FIELDS)}; anything else goes into metadata. "
            "FHIR resources go under application/fhir+ndjson or application/fhir+json.",
        )
    return Record(
        line,
        document_text(members.get("text"), reading.limits),
        custom_id=custom_id,
        note_type=_note_type(members, reading),
        subject=optional_string(members, "subject", max_characters=MAX_IDENTIFIER_CHARACTERS),
        language=optional_string(members, "language", max_characters=MAX_LANGUAGE_CHARACTERS),
        metadata=string_pairs(members.get("metadata"), "metadata"),
    )


def _note_type(members: Members, reading: Reading) -> str | None:
    name = members.get("note_type")
    if name is None:
        return None
    if not isinstance(name, str):
        raise invalid_field("note_type", "a string")
    if name not in reading.known_note_types:
        raise InvalidRecord(
            "There is no note type of this name.",
            code="unknown_note_type",
            param="note_type",
            how_to_fix=f"Use one of: {', '.join(reading.known_note_types)}; or leave it out.",
        )
    return name


DOCUMENT = JsonRecord(_custom_id, _parse)
