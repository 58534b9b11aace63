"""FHIR R4 and R5 resources in JSON, read by hand: what a summary needs, extra members let pass."""

from collections.abc import Iterator

from shared.errors import InvalidRecord
from shared.intake.fhir.bundle import BINARY, BUNDLE, Entry, entries_of
from shared.intake.fhir.forms import AwaitsBinary
from shared.intake.fhir.place import Place
from shared.intake.fhir.resource import custom_id_of_resource, parse_resource
from shared.intake.members import as_object
from shared.intake.reading import Reading
from shared.intake.records import Outcome, rejected


def read_resource(value: object, place: Place) -> Iterator[Outcome]:
    """The documents of a decoded resource; none of a Binary, nor of what has to wait for one."""
    return _read(Entry(value, place))


def read_waiting(reading: Reading) -> Iterator[Outcome]:
    """The documents that pointed at a Binary elsewhere in the body, which has been read."""
    for item in reading.binaries.waiting():
        place = Place(reading, item["line"], item["bundle"], has_ended=True)
        yield from _read(Entry(item["resource"], place, item["custom_id"]))


def _read(entry: Entry) -> Iterator[Outcome]:
    place, custom_id = entry.place, entry.custom_id
    binaries = place.reading.binaries
    try:
        resource = as_object(entry.resource)
        kind = resource.get("resourceType")
        if kind == BINARY:
            binaries.add(resource, None, place.bundle)
            return
        custom_id = custom_id_of_resource(resource) or custom_id
        if kind != BUNDLE:
            outcome: Outcome = parse_resource(resource, custom_id, place)
        else:
            inner = entries_of(resource, place)
    except AwaitsBinary:
        waiting = {"line": place.line, "bundle": place.bundle, "custom_id": custom_id}
        binaries.wait({**waiting, "resource": resource})
        return
    except InvalidRecord as error:
        outcome, kind = rejected(place.line, error, custom_id), None
    if kind != BUNDLE:
        yield outcome
        return
    for each in inner:
        yield from _read(each)
