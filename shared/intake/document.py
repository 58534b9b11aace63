"""Our own JSON document: `{"custom_id","text","note_type"?,"subject"?,"language"?,"metadata"?}`.

`id`, as many exports call it, stands for `custom_id`.
"""

from shared.errors import InvalidRecord
from shared.intake.fields import (
    MAX_IDENTIFIER_CHARACTERS,
    MAX_LANGUAGE_CHARACTERS,
    document_text,
    invalid_field,
    optional_string,
    string_pairs,
)
from shared.intake.markup import as_attachment
from shared.intake.members import Members, as_object
from shared.intake.reading import Reading
from shared.intake.records import Outcome, Record, rejected

_FIELDS = ("custom_id", "text", "note_type", "subject", "language", "metadata")
_FIELD_SET = frozenset((*_FIELDS, "id"))


def read_document(value: object, line: int, reading: Reading) -> Outcome:
    """The record that a decoded value stands for, or its rejection."""
    custom_id = None
    try:
        members = as_object(value)
        # First, so that a rejection can say whose it is.
        custom_id = _custom_id(members)
        return _parse(members, line, custom_id, reading)
    except InvalidRecord as error:
        return rejected(line, error, custom_id)


def _parse(members: Members, line: int, custom_id: str | None, reading: Reading) -> Record:
    if not members.keys() <= _FIELD_SET:
        raise InvalidRecord(
            "The record has a member that is not known.",
            code="unknown_field",
            how_to_fix=f"A record has {', '.join(_FIELDS)}; anything else goes into metadata. "
            "FHIR resources go under application/fhir+ndjson or application/fhir+json.",
        )
    text = document_text(members.get("text"), reading.limits)
    attachment = as_attachment(text)
    return Record(
        line,
        "" if attachment else text,
        attachment,
        custom_id=custom_id,
        note_type=_note_type(members, reading),
        subject=optional_string(members, "subject", max_characters=MAX_IDENTIFIER_CHARACTERS),
        language=optional_string(members, "language", max_characters=MAX_LANGUAGE_CHARACTERS),
        metadata=string_pairs(members.get("metadata"), "metadata"),
    )


def _custom_id(members: Members) -> str | None:
    names = [name for name in ("custom_id", "id") if members.get(name) is not None]
    if len(names) > 1:
        raise InvalidRecord(
            "The record has both `custom_id` and `id`.",
            code="duplicate_field",
            param="id",
            how_to_fix="Send custom_id alone.",
        )
    name = names[0] if names else "custom_id"
    return optional_string(members, name, max_characters=MAX_IDENTIFIER_CHARACTERS)


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
