"""What a document's status says: whether it may be read, and with which warning.

FHIR R4 and R5: document-reference-status, composition-status, diagnostic-report-status.
"""

from shared.errors import InvalidRecord
from shared.intake.fields import optional_string
from shared.intake.members import Members

_PRELIMINARY = frozenset(("registered", "partial", "preliminary"))
_SUPERSEDED = frozenset(("superseded", "deprecated"))
_ERROR = "entered-in-error"
_MAX_CHARACTERS = 64


def is_entered_in_error(resource: Members) -> bool:
    return _ERROR in (resource.get("status"), resource.get("docStatus"))


def status_warnings(resource: Members) -> tuple[str, ...]:
    """`superseded`, `preliminary`, both or none. Raises InvalidRecord `entered_in_error`."""
    stated = {
        name: optional_string(resource, name, max_characters=_MAX_CHARACTERS)
        for name in ("status", "docStatus")
    }
    for name, status in stated.items():
        if status == _ERROR:
            raise InvalidRecord(
                "The document was entered in error.",
                code="entered_in_error",
                param=name,
                how_to_fix="Leave it out: it must not be read as the patient's.",
            )
    found = set(stated.values())
    superseded = ("superseded",) if found & _SUPERSEDED else ()
    preliminary = ("preliminary",) if found & _PRELIMINARY else ()
    return superseded + preliminary
