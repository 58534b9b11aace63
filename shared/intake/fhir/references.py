"""FHIR references (hl7.org/fhir/R4/references.html).

`Patient/7`, `https://ehr.example/fhir/Patient/7/_history/2`, `urn:uuid:…`, `#p1`.
"""

from typing import Any

from shared.errors import InvalidRecord
from shared.intake.fields import MAX_IDENTIFIER_CHARACTERS, check_characters, optional_string
from shared.intake.members import Members, objects

_URN = "urn:"
_MAX_REPLACED = 100


def unversioned(reference: str) -> str:
    """The reference without `/_history/…`."""
    head, mark, version = reference.rpartition("/_history/")
    return head if mark and "/" not in version else reference


def relative(reference: str) -> str | None:
    """`Patient/7` of a reference to a resource on a server; None of any other."""
    kind, slash, name = "/".join(unversioned(reference).split("/")[-2:]).partition("/")
    if not slash or not name or not kind.isalpha() or not kind[0].isupper():
        return None
    return f"{kind}/{name}"


def is_absolute(reference: str) -> bool:
    return "://" in reference


def custom_id_of_reference(reference: str, kind: str) -> str | None:
    """What a record is called that a reference means; `kind` is the type of one named by a URN."""
    if reference.startswith(_URN):
        return f"{kind}/{reference.rpartition(':')[2]}"
    return relative(reference)


def subject_of(resource: Members) -> str | None:
    """The reference, or else the identifier; one into the resource (`#p1`) says nothing outside."""
    for subject in objects(resource.get("subject")):
        reference = _string(subject, "reference", "subject.reference")
        if reference is not None and not reference.startswith("#"):
            return unversioned(reference)
        for identifier in objects(subject.get("identifier")):
            value = _string(identifier, "value", "subject.identifier.value")
            if value is not None:
                return value
    return None


def replaced_by(resource: Members) -> tuple[str, ...]:
    """Custom ids of the documents that this one replaces.

    R4 has `code` and `target` or `targetReference`; R5 a concept for the code, and in a Composition
    `type` and `resourceReference`.
    """
    kind = str(resource.get("resourceType"))
    references = [
        target.get("reference")
        for relation in objects(resource.get("relatesTo"))
        if "replaces" in (*_codes(relation.get("code")), relation.get("type"))
        for member in ("target", "targetReference", "resourceReference")
        for target in objects(relation.get(member))
    ]
    names = dict.fromkeys(custom_id_of_reference(r, kind) for r in references if isinstance(r, str))
    found = tuple(name for name in names if name is not None)
    for name in found:
        if len(name) > MAX_IDENTIFIER_CHARACTERS:
            raise _invalid_relation()
        check_characters(name, "relatesTo")
    if len(found) > _MAX_REPLACED:
        raise _invalid_relation()
    return found


def _codes(value: object) -> list[Any]:
    if isinstance(value, str):
        return [value]
    return [
        coding.get("code")
        for concept in objects(value)
        for coding in objects(concept.get("coding"))
    ]


def _string(members: Members, name: str, param: str) -> str | None:
    return optional_string(members, name, max_characters=MAX_IDENTIFIER_CHARACTERS, param=param)


def _invalid_relation() -> InvalidRecord:
    return InvalidRecord(
        f"`relatesTo` replaces more than {_MAX_REPLACED} documents, or one of too long a name.",
        code="invalid_field",
        param="relatesTo",
        how_to_fix=f"Name at most {_MAX_REPLACED} replaced documents by references of at most "
        f"{MAX_IDENTIFIER_CHARACTERS} characters.",
    )
