"""Make a batch of a spool: batch, sealed documents, outbox and key in one transaction."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import func, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shared import outbox
from shared.batches.finish import finish_if_done
from shared.batches.idempotency import HeldKey, earlier_batch, point_key
from shared.batches.spool import Spool, SpooledDocument
from shared.batches.withdraw import withdraw_notes
from shared.config import LedgerSettings
from shared.errors import InvalidInput
from shared.ids import new_id
from shared.messages import AttachmentsQueued, DocumentsQueued
from shared.schemas.batches import BatchParameters
from shared.tables import Batch, BatchContent, Document, DocumentContent, Lane, Replacement
from shared.vault import TenantVault

_CHUNK = 500


def submit_batch(
    session: Session,
    vault: TenantVault,
    spool: Spool,
    parameters: BatchParameters,
    key: HeldKey | None = None,
) -> UUID:
    """The batch of the spooled records, or the earlier one of the same key.

    Needs a transaction of the vault's tenant. Raises InvalidInput for an empty spool and
    IdempotencyMismatch for a key that came with other records before.
    """
    if spool.totals.total == 0:
        raise InvalidInput(
            "The body holds no record.",
            code="empty_body",
            how_to_fix="Send at least one document.",
        )
    if key is not None:
        earlier = earlier_batch(session, vault.tenant, key, spool.body_mac)
        if earlier is not None:
            return earlier
    batch = new_id()
    _insert_batch(session, vault, batch, spool, parameters)
    _insert_documents(session, vault.tenant, batch, spool, parameters)
    if key is not None:
        point_key(session, vault.tenant, key, spool.body_mac, batch)
    _open_lanes(session, vault.tenant, spool, parameters)
    finish_if_done(session, batch)
    if spool.withdrawn:
        withdraw_notes(session, spool.withdrawn)
    outbox.enqueue(session, DocumentsQueued())
    if spool.totals.attachments:
        outbox.enqueue(session, AttachmentsQueued())
    return batch


def _insert_batch(
    session: Session, vault: TenantVault, batch: UUID, spool: Spool, parameters: BatchParameters
) -> None:
    totals = spool.totals
    session.execute(
        insert(Batch).values(
            id=batch,
            tenant_id=vault.tenant,
            status="in_progress",
            group=parameters.group,
            priority=parameters.priority,
            note_types=dict(totals.note_types),
            total=totals.total,
            rejected=totals.rejected,
            last_seq=totals.rejected,
            size=totals.size,
            in_progress_at=func.now(),
            expires_at=func.now() + timedelta(days=LedgerSettings().batch_days),
        )
    )
    if parameters.metadata:
        sealed = vault.seal(
            parameters.model_dump_json(include={"metadata"}), row=batch, field="metadata"
        )
        session.execute(
            insert(BatchContent).values(
                batch_id=batch, tenant_id=vault.tenant, metadata_sealed=sealed
            )
        )


def _insert_documents(
    session: Session, tenant: UUID, batch: UUID, spool: Spool, parameters: BatchParameters
) -> None:
    numbered = _number_rejected(spool.documents())
    while chunk := list(islice(numbered, _CHUNK)):
        session.execute(
            insert(Document),
            [_ledger_row(tenant, batch, document, seq, parameters) for document, seq in chunk],
        )
        session.execute(
            insert(DocumentContent), [_content_row(tenant, document) for document, _ in chunk]
        )
        replacements = [
            {"document_id": document.id, "tenant_id": tenant, "target_mac": target}
            for document, _ in chunk
            for target in document.replaces
        ]
        if replacements:
            session.execute(insert(Replacement), replacements)


def _number_rejected(
    documents: Iterator[SpooledDocument],
) -> Iterator[tuple[SpooledDocument, int | None]]:
    """A rejected record is a result from the start, so it has the batch's first numbers."""
    seq = 0
    for document in documents:
        if document.error_code is None:
            yield document, None
        else:
            seq += 1
            yield document, seq


def _ledger_row(
    tenant: UUID,
    batch: UUID,
    document: SpooledDocument,
    seq: int | None,
    parameters: BatchParameters,
) -> dict[str, object]:
    return {
        "id": document.id,
        "tenant_id": tenant,
        "batch_id": batch,
        "line": document.line,
        "custom_id_mac": document.custom_id_mac,
        "note_type": document.note_type,
        "priority": parameters.priority,
        "fallback": parameters.fallback,
        "size": document.size,
        "language": document.language,
        "reuse": parameters.reuse,
        "asked_route": parameters.route,
        "asked_model_version": parameters.model_version,
        "asked_prompt_version": parameters.prompt_version,
        "attachment_type": document.attachment_type,
        "subject_mac": document.subject_mac,
        "text_mac": document.text_mac,
        "warnings": document.warnings,
        "status": "queued" if seq is None else "rejected",
        "seq": seq,
        "error_code": document.error_code,
        "error_message": document.error_message,
    }


def _content_row(tenant: UUID, document: SpooledDocument) -> dict[str, object]:
    return {
        "document_id": document.id,
        "tenant_id": tenant,
        "custom_id_sealed": document.custom_id_sealed,
        "subject_sealed": document.subject_sealed,
        "metadata_sealed": document.metadata_sealed,
        "text_sealed": document.text_sealed,
        "attachment_sealed": document.attachment_sealed,
    }


def _open_lanes(session: Session, tenant: UUID, spool: Spool, parameters: BatchParameters) -> None:
    lanes = [
        {"tenant_id": tenant, "priority": parameters.priority, "note_type": note_type}
        for note_type in sorted(spool.totals.note_types)
    ]
    if lanes:
        session.execute(upsert(Lane).values(lanes).on_conflict_do_nothing())
