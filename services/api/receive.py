"""A submission on its way in: body → intake → vault → spool → batch.

The body is read to its end before the transaction of the batch opens, so that a slow client holds
none. What was read by then is sealed.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any
from uuid import UUID

import anyio
import anyio.from_thread
from fastapi import Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from services.api.dependencies import Services
from shared.access.principal import Principal
from shared.batches.backpressure import check_queue_depth
from shared.batches.idempotency import RESERVATION, HeldKey, give_up, renew, reserve
from shared.batches.spool import Spool
from shared.batches.submit import submit_batch
from shared.errors import InvalidInput
from shared.ids import new_id, public_id
from shared.intake.read import read_records
from shared.intake.records import Outcome
from shared.note_types.queries import NoteTypes, load
from shared.prompts.queries import require_prompt
from shared.registry.require import require_serving
from shared.schemas.batches import BatchParameters
from shared.vault import TenantVault

_SILENCE_SECONDS = 60.0
"""A sender that is slower than that holds its thread for nothing."""


def receive_body(  # noqa: PLR0913 - a body and what came with it
    services: Services,
    principal: Principal,
    chunks: Iterable[bytes],
    *,
    content_type: str,
    content_encoding: str | None,
    query: dict[str, Any],
    idempotency_key: str | None,
) -> UUID:
    """The batch of a body. Raises InvalidInput for what is wrong with the body as a whole."""
    with services.tenant(principal) as (session, vault):
        check_queue_depth(session, services.intake.max_queued_documents)
        note_types = load(session)
    with _reserved(services, vault, idempotency_key) as (held, keep):
        intake = read_records(
            _each(chunks, keep),
            content_type=content_type,
            content_encoding=content_encoding,
            limits=services.intake,
            known_note_types=note_types.names,
            note_type_for_code=note_types.for_code,
        )
        # A JSON body's own parameters are known once its first record has been read.
        first = list(islice(intake.records, 1))
        parameters = _parameters({**intake.parameters, **query}, note_types)
        records = chain(first, intake.records)
        return _submit(services, principal, vault, records, parameters, held)


def receive_records(
    services: Services,
    principal: Principal,
    records: Iterable[Outcome],
    given: dict[str, Any],
) -> UUID:
    """The batch of records that need no reading, with the parameters given."""
    with services.tenant(principal) as (session, vault):
        check_queue_depth(session, services.intake.max_queued_documents)
        parameters = _parameters(given, load(session))
    return _submit(services, principal, vault, records, parameters, None)


def body_chunks(request: Request) -> Iterator[bytes]:
    """The request's body, pulled from a worker thread.

    Raises InvalidInput if the client goes, or is silent for too long.
    """
    stream = request.stream()
    try:
        while True:
            yield anyio.from_thread.run(_next_chunk, stream)
    except StopAsyncIteration:
        return
    except ClientDisconnect:
        raise InvalidInput("The client closed the connection.", code="body_incomplete") from None
    except TimeoutError:
        raise InvalidInput("The body did not go on.", code="body_incomplete") from None


async def _next_chunk(stream: AsyncIterator[bytes]) -> bytes:
    with anyio.fail_after(_SILENCE_SECONDS):
        return await anext(stream)


def _submit(  # noqa: PLR0913 - who submits what
    services: Services,
    principal: Principal,
    vault: TenantVault,
    records: Iterable[Outcome],
    parameters: BatchParameters,
    held: HeldKey | None,
) -> UUID:
    with services.database.transaction(vault.tenant) as session:
        if parameters.model_version is not None:
            require_serving(session, parameters.model_version, param="model_version")
        if parameters.prompt_version is not None:
            require_prompt(session, parameters.prompt_version, param="prompt_version")
    with Spool(vault, parameters, services.intake.spool_memory_bytes) as spool:
        for record in records:
            spool.add(record)
        with services.database.transaction(vault.tenant) as session:
            batch = submit_batch(session, vault, spool, parameters, held)
            documents = spool.totals.total
            services.audit(
                session, principal, "batch.create", public_id("batch", batch), documents=documents
            )
            return batch


def _parameters(given: dict[str, Any], note_types: NoteTypes) -> BatchParameters:
    try:
        parameters = BatchParameters.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        if not first["loc"]:
            raise InvalidInput(
                first["msg"].removeprefix("Value error, ").capitalize() + ".",
                code="conflicting_parameters",
                how_to_fix="Name one of them.",
            ) from None
        # A member's name that we do not know may be text of a patient.
        unknown = first["type"] == "extra_forbidden"
        raise InvalidInput(
            "A parameter of the batch is not known."
            if unknown
            else "A parameter of the batch is not valid.",
            code="invalid_parameter",
            param=None if unknown else str(first["loc"][0]),
            how_to_fix=f"Known are {', '.join(BatchParameters.model_fields)}; their values are in "
            "/openapi.json.",
        ) from None
    _check_note_type(parameters, note_types)
    return parameters


def _check_note_type(parameters: BatchParameters, note_types: NoteTypes) -> None:
    if parameters.note_type is not None and parameters.note_type not in note_types:
        raise InvalidInput(
            "There is no such note type.",
            code="unknown_note_type",
            param="note_type",
            how_to_fix=f"Use one of: {', '.join(note_types)}.",
        )


@contextmanager
def _reserved(
    services: Services, vault: TenantVault, key: str | None
) -> Iterator[tuple[HeldKey | None, Callable[[], None]]]:
    """Hold the Idempotency-Key while the body is read; `keep`, called now and then, renews it."""
    if key is None:
        yield None, lambda: None
        return
    held = HeldKey(vault.mac(key, purpose="idempotency"), new_id())
    with services.database.transaction(vault.tenant) as session:
        reserve(session, vault.tenant, held)
    renewed = time.monotonic()

    def keep() -> None:
        nonlocal renewed
        if time.monotonic() - renewed > RESERVATION.total_seconds() / 3:
            with services.database.transaction(vault.tenant) as session:
                renew(session, vault.tenant, held)
            renewed = time.monotonic()

    try:
        yield held, keep
    except BaseException:
        with services.database.transaction(vault.tenant) as session:
            give_up(session, vault.tenant, held)
        raise


def _each(chunks: Iterable[bytes], keep: Callable[[], None]) -> Iterator[bytes]:
    for chunk in chunks:
        keep()
        yield chunk
