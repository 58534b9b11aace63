"""FHIR R4 resources in JSON, read by hand: only what a summary needs, extra members let pass."""

from collections.abc import Callable

from shared.errors import InvalidRecord
from shared.intake.document_reference import parse_document_reference
from shared.intake.fields import MAX_IDENTIFIER_CHARACTERS, optional_string
from shared.intake.json_record import JsonRecord, Members
from shared.intake.reading import Reading
from shared.intake.records import Record

_PARSERS: dict[str, Callable[[Members, int, str | None, Reading], Record]] = {
    "DocumentReference": parse_document_reference,
}


def _custom_id(resource: Members) -> str | None:
    """`DocumentReference/17`, as references have it."""
    kind = optional_string(resource, "resourceType", max_characters=64)
    name = optional_string(resource, "id", max_characters=MAX_IDENTIFIER_CHARACTERS - 65)
    return f"{kind}/{name}" if kind and name else None


def _parse(resource: Members, line: int, custom_id: str | None, reading: Reading) -> Record:
    parse = _PARSERS.get(resource.get("resourceType", ""))
    if parse is None:
        raise InvalidRecord(
            "The resource is of no type that can be summarized.",
            code="unsupported_resource",
            param="resourceType",
            how_to_fix=f"Send {', '.join(_PARSERS)}, each as a record of its own; "
            "leave other resources out.",
        )
    return parse(resource, line, custom_id, reading)


RESOURCE = JsonRecord(_custom_id, _parse)
