"""Decoded JSON values as the readers of records take them."""

from typing import Any

from shared.errors import InvalidRecord

Members = dict[str, Any]


def as_object(value: object) -> Members:
    """Raises InvalidRecord `not_an_object`."""
    if not isinstance(value, dict):
        raise InvalidRecord(
            "The record is JSON, but no object.",
            code="not_an_object",
            how_to_fix='Send objects: {"custom_id": …, "text": …} or a FHIR resource.',
        )
    return value


def objects(value: object) -> list[Members]:
    """The objects in a member that holds one or a list of them; other values are let pass."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]
