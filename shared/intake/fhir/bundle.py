"""FHIR Bundle (hl7.org/fhir/R4/bundle.html): the documents among its entries."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from shared.errors import InvalidRecord
from shared.intake.fhir.composition import has_content
from shared.intake.fhir.lifecycle import is_entered_in_error
from shared.intake.fhir.place import Place
from shared.intake.fhir.references import custom_id_of_reference
from shared.intake.fhir.resource import KINDS
from shared.intake.fields import MAX_IDENTIFIER_CHARACTERS, invalid_field
from shared.intake.members import Members

_COMPOSITION = "Composition"
BUNDLE, BINARY = "Bundle", "Binary"


class Entry(NamedTuple):
    """A resource to be read. `custom_id` stands where it has no id."""

    resource: object
    place: Place
    custom_id: str | None = None


def entries_of(bundle: Members, place: Place) -> Iterator[Entry]:
    """What is to be read of a Bundle; its Binary resources are put away.

    Of a `document` that is its Composition, which stands for all of it; of any other type each
    entry that is a document. Others (Patient, Observation, …) are passed over: they came along. A
    Bundle of Binary resources alone gives nothing. Raises InvalidRecord `unsupported_resource`
    where there is nothing to be read, `invalid_field`.
    """
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise invalid_field("entry", "a list")
    number = place.reading.binaries.open_bundle()
    binaries = 0
    for entry in entries:
        if _kind(entry) == BINARY:
            binaries += 1
            place.reading.binaries.add(entry["resource"], entry.get("fullUrl"), number)
    if not any(map(_is_read, entries)) and (not binaries or binaries < len(entries)):
        raise InvalidRecord(
            "No entry of the Bundle can be summarized.",
            code="unsupported_resource",
            param="entry",
            how_to_fix=f"Send Bundles that hold {', '.join(KINDS)}.",
        )
    return _entries(bundle, entries, place, number)


def _entries(bundle: Members, entries: list[Any], place: Place, number: int) -> Iterator[Entry]:
    for position in _read_positions(bundle, entries):
        entry = entries[position - 1]
        resource = entry.get("resource") if isinstance(entry, dict) else entry
        custom_id = _custom_id(entry, position, place)
        yield Entry(resource, place.of_entry(position, number), custom_id)


def _read_positions(bundle: Members, entries: list[Any]) -> Iterator[int]:
    """From 1. A Composition that says nothing itself gives way to what its sections point at."""
    first = None
    if bundle.get("type") == "document":
        kinds = enumerate(map(_kind, entries), start=1)
        first = next((position for position, kind in kinds if kind == _COMPOSITION), None)
    if first is not None and _speaks(entries[first - 1]["resource"]):
        return iter([first])
    others = (
        position
        for position, entry in enumerate(entries, start=1)
        if position != first and _is_read(entry)
    )
    # It is read, and rejected, only where there is nothing else.
    position = next(others, first)
    return chain([] if position is None else [position], others)


def _speaks(composition: Members) -> bool:
    return has_content(composition) or is_entered_in_error(composition)


def _is_read(entry: object) -> bool:
    """Documents, and what is so broken that its sender must hear of it."""
    if not isinstance(entry, dict):
        return True
    kind = _kind(entry)
    return "resource" in entry and (kind is None or kind == BUNDLE or kind in KINDS)


def _kind(entry: object) -> str | None:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind if isinstance(kind, str) else None


def _custom_id(entry: object, position: int, place: Place) -> str:
    """Of an entry whose resource has no id: by its URL, or else by its place."""
    kind, url = _kind(entry), entry.get("fullUrl") if isinstance(entry, dict) else None
    named = custom_id_of_reference(url, kind) if kind and isinstance(url, str) else None
    if named and len(named) <= MAX_IDENTIFIER_CHARACTERS and named.isprintable():
        return named
    return f"line-{place.line}-{position}"
