"""An upload of examples on its way in: body → rows → vault → a version that nobody sees yet."""

from collections.abc import Iterable
from itertools import islice

from pydantic import ValidationError

from services.api.dependencies import Services
from shared.access.principal import Principal
from shared.datasets.add import (
    Provenance,
    abandon_version,
    add_rows,
    begin_version,
    submit_version,
)
from shared.datasets.augmentation.check import check_augmentations
from shared.datasets.curation.catalogue import check_curation
from shared.datasets.derive import derive_version
from shared.datasets.extend import REVIEWS, submit_reviews
from shared.datasets.records import RejectedRow, Row
from shared.errors import InvalidInput, PayloadTooLarge
from shared.intake.body import join
from shared.note_types.queries import NoteTypes, load
from shared.schemas.datasets import DeriveRequest, Recipe

_PAGE = 200
_MAX_JSON_BYTES = 16 * 2**20
_MEMBERS = frozenset({"from", *DeriveRequest.model_fields})


def receive_dataset(  # noqa: PLR0913 - a version and its rows
    services: Services,
    principal: Principal,
    name: str,
    provenance: Provenance,
    recipe: Recipe,
    rows: Iterable[Row | RejectedRow],
) -> int:
    """The number of the version, which is queued; an error leaves nothing behind."""
    with services.tenant(principal) as (session, vault):
        note_types = load(session)
        version = begin_version(session, principal.tenant, name, provenance, recipe)
    try:
        pending = (_of_known_type(row, note_types) for row in rows)
        while page := list(islice(pending, _PAGE)):
            with services.database.transaction(principal.tenant) as session:
                add_rows(session, vault, version, provenance, page)
        with services.database.transaction(principal.tenant) as session:
            number = submit_version(session, version)
            services.audit(session, principal, "dataset.create", name, version=number)
    except BaseException:
        with services.database.transaction(principal.tenant) as session:
            abandon_version(session, version)
        raise
    return number


def _of_known_type(row: Row | RejectedRow, note_types: NoteTypes) -> Row | RejectedRow:
    """What is no name of ours may be anything, and stays out of columns in the clear."""
    if isinstance(row, Row) and row.note_type is not None and row.note_type not in note_types:
        return RejectedRow(row.line, "unknown_note_type", "There is no note type of this name.")
    return row


def derive_dataset(
    services: Services, principal: Principal, name: str, chunks: Iterable[bytes]
) -> int:
    """The number of a version made of what is there already, as a JSON body asks for it."""
    request = _derive_request(chunks)
    check_augmentations(request.augment)
    if request.curation is not None:
        check_curation(request.curation)
    # Opened for what it refuses: nothing is made for a tenant whose key was destroyed.
    with services.tenant(principal) as (session, _):
        if request.source == REVIEWS:
            number = submit_reviews(session, principal.tenant, name, request)
        else:
            number = derive_version(session, principal.tenant, name, request)
        services.audit(
            session, principal, "dataset.derive", name, version=number, source=request.source
        )
    return number


def _derive_request(chunks: Iterable[bytes]) -> DeriveRequest:
    """Raises PayloadTooLarge and InvalidInput; an error never quotes the body."""
    body = join(chunks, _MAX_JSON_BYTES)
    if body is None:
        raise PayloadTooLarge(f"The request is larger than {_MAX_JSON_BYTES} bytes.")
    try:
        return DeriveRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        raise InvalidInput(
            "The request is not valid.",
            code="invalid_request",
            param=".".join(str(part) for part in first["loc"] if part in _MEMBERS) or None,
            how_to_fix='Send {"from": "name@2" or "reviews", "curation", "augment", "overrule"}; '
            "/openapi.json has all of it.",
        ) from None
