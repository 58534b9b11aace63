"""One JSON value → one record, whatever container it came in."""

from collections.abc import Callable
from typing import Any, NamedTuple

from shared.errors import InvalidRecord
from shared.intake.reading import Reading
from shared.intake.records import Outcome, Record, rejected

Members = dict[str, Any]


class JsonRecord(NamedTuple):
    """A kind of JSON record. Both functions raise InvalidRecord."""

    custom_id: Callable[[Members], str | None]
    """Asked first, so that a rejection can say whose it is."""
    parse: Callable[[Members, int, str | None, Reading], Record]
    """(members, line, custom_id, reading) → the record."""


def read_record(value: object, line: int, kind: JsonRecord, reading: Reading) -> Outcome:
    """The record that a decoded value stands for, or its rejection."""
    if not isinstance(value, dict):
        return rejected(line, _not_an_object())
    custom_id = None
    try:
        custom_id = kind.custom_id(value)
        return kind.parse(value, line, custom_id, reading)
    except InvalidRecord as error:
        return rejected(line, error, custom_id)


def _not_an_object() -> InvalidRecord:
    return InvalidRecord(
        "The record is JSON, but no object.",
        code="not_an_object",
        how_to_fix='Send objects: {"custom_id": …, "text": …} or a FHIR resource.',
    )
