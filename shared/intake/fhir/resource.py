"""One FHIR resource that is a document → record."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from shared.errors import InvalidRecord
from shared.intake.fhir.codes import note_type_of
from shared.intake.fhir.composition import composition_content
from shared.intake.fhir.diagnostic_report import report_content
from shared.intake.fhir.document_reference import document_content
from shared.intake.fhir.forms import Content
from shared.intake.fhir.lifecycle import status_warnings
from shared.intake.fhir.place import Place
from shared.intake.fhir.references import replaced_by, subject_of
from shared.intake.fields import (
    MAX_IDENTIFIER_CHARACTERS,
    MAX_LANGUAGE_CHARACTERS,
    optional_string,
)
from shared.intake.members import Members
from shared.intake.records import Record

_MAX_TYPE_CHARACTERS = 64


class Kind(NamedTuple):
    """A type of resource that is a document."""

    content: Callable[[Members, Place], Content]
    codes: tuple[str, ...]
    """Members whose codes say what kind of note it is, the most telling first."""


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "DocumentReference": Kind(document_content, ("type", "category")),
        "DiagnosticReport": Kind(report_content, ("code", "category")),
        "Composition": Kind(composition_content, ("type", "category")),
    }
)


def custom_id_of_resource(resource: Members) -> str | None:
    """`DocumentReference/17`, as references have it."""
    kind = optional_string(resource, "resourceType", max_characters=_MAX_TYPE_CHARACTERS)
    longest = MAX_IDENTIFIER_CHARACTERS - _MAX_TYPE_CHARACTERS - 1
    name = optional_string(resource, "id", max_characters=longest)
    return f"{kind}/{name}" if kind and name else None


def parse_resource(resource: Members, custom_id: str | None, place: Place) -> Record:
    """Raises InvalidRecord: `unsupported_resource`, `entered_in_error`, or why it has no text.

    Raises AwaitsBinary where that cannot be told before the body has ended.
    """
    name = resource.get("resourceType")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InvalidRecord(
            "The resource is of no type that can be summarized.",
            code="unsupported_resource",
            param="resourceType",
            how_to_fix=f"Send {', '.join(KINDS)}, each as a record of its own or in a Bundle; "
            "leave other resources out.",
        )
    warnings = status_warnings(resource)
    language = optional_string(resource, "language", max_characters=MAX_LANGUAGE_CHARACTERS)
    subject, replaces = subject_of(resource), replaced_by(resource)
    content = kind.content(resource, place)
    return Record(
        place.line,
        content.text,
        content.attachment,
        custom_id=custom_id,
        note_type_from_code=note_type_of(resource, place.reading, *kind.codes),
        subject=subject,
        language=content.language or language,
        warnings=warnings,
        replaces=replaces,
    )
