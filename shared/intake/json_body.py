"""A whole body that is one JSON text. It is parsed at once, so its size has a limit of its own."""

from collections.abc import Iterator
from typing import Any

from shared.errors import InvalidInput, InvalidRecord, PayloadTooLarge
from shared.intake.body import join
from shared.intake.document import read_document
from shared.intake.fhir.place import Place
from shared.intake.fhir.read import read_resource
from shared.intake.fields import check_characters
from shared.intake.json_values import decode_json
from shared.intake.reading import Reading
from shared.intake.records import Outcome

MAX_JSON_BODY_BYTES = 64 * 2**20


def read_json(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`application/json`: `{"documents":[…]}` and beside it the parameters of the request.

    Raises InvalidInput where the body as such is not of this form, so that no record can be told
    from another.
    """
    raw = _collect(pieces)
    if not raw:
        return
    body = _decode(raw, reading)
    documents = body.pop("documents", None) if isinstance(body, dict) else None
    if not isinstance(documents, list):
        raise InvalidInput(
            "The body has no list `documents`.",
            code="documents_missing",
            param="documents",
            how_to_fix='Send {"documents": [{"custom_id": …, "text": …}]}.',
        )
    for value in body.values():
        _check_strings(value)
    reading.parameters.update(body)
    for position, document in enumerate(documents, start=1):
        yield read_document(document, position, reading)


def read_fhir_json(pieces: Iterator[bytes], reading: Reading) -> Iterator[Outcome]:
    """`application/fhir+json`: one resource, or a Bundle of them.

    Raises InvalidInput where the body is not JSON.
    """
    raw = _collect(pieces)
    if raw:
        position = reading.file_position
        place = Place(reading, position or 1, is_body=position is None)
        yield from read_resource(_decode(raw, reading), place)


def _collect(pieces: Iterator[bytes]) -> bytes:
    """All of the body, or nothing of a blank one."""
    raw = join(pieces, MAX_JSON_BODY_BYTES)
    if raw is None:
        raise PayloadTooLarge(
            f"A JSON body may hold {MAX_JSON_BODY_BYTES} bytes, decompressed.",
            how_to_fix="Send the records as application/x-ndjson or application/fhir+ndjson.",
        )
    return b"" if raw.isspace() else raw


def _decode(raw: bytes, reading: Reading) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return decode_json(raw, max_depth=reading.limits.max_json_depth)
    except InvalidRecord as error:
        failure = InvalidInput(error.detail, code=error.error_code, how_to_fix=error.how_to_fix)
    # Out here the failure has no context: the decoder's errors carry the body with them.
    raise failure


def _check_strings(value: object) -> None:
    if isinstance(value, str):
        check_characters(value, "parameters")
    elif isinstance(value, dict):
        for name, member in value.items():
            check_characters(name, "parameters")
            _check_strings(member)
    elif isinstance(value, list):
        for member in value:
            _check_strings(member)
