"""CodeableConcepts (hl7.org/fhir/R4/datatypes.html#CodeableConcept) → note type, title."""

from collections.abc import Iterator

from shared.intake.members import Members, objects
from shared.intake.reading import Reading


def note_type_of(resource: Members, reading: Reading, *members: str) -> str | None:
    """The note type of the first code that means one, looking into `members` in this order."""
    for system, code in _codes(resource, members):
        name = reading.note_type_for_code(system, code)
        if name is not None:
            return name
    return None


def wording_of(value: object) -> str:
    """What a concept is called for a reader: its text, or else a coding's display."""
    for concept in objects(value):
        codings = objects(concept.get("coding"))
        for wording in (concept.get("text"), *(coding.get("display") for coding in codings)):
            if isinstance(wording, str) and wording.strip():
                return wording
    return ""


def _codes(resource: Members, members: tuple[str, ...]) -> Iterator[tuple[str | None, str]]:
    for member in members:
        for concept in objects(resource.get(member)):
            for coding in objects(concept.get("coding")):
                system, code = coding.get("system"), coding.get("code")
                if isinstance(code, str):
                    yield system if isinstance(system, str) else None, code
