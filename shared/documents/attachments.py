"""Attachments in the ledger: documents that are not text yet.

    queued, an attachment ──claim──▶ running ──record──▶ queued, text ──▶ summarization
                                        └──────record──▶ rejected

The same lease, fence and deaths as everywhere in `shared/documents/ledger.py`, whose `heartbeat`,
`release` and `retry_later` work on these claims too, as `shared/documents/lost.py` does.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from shared import outbox
from shared.batches.finish import FinalStatus, lock_batches, settle
from shared.documents.lanes import SHARES
from shared.documents.ledger import TAKE, Claim
from shared.messages import DocumentsQueued
from shared.tables import Batch, DocumentContent
from shared.vault import TenantVault


@dataclass(frozen=True, slots=True)
class ClaimedAttachment:
    """`claim.size` is in bytes; `media_type` has no parameters."""

    claim: Claim
    media_type: str


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """What an attachment says, and warnings for the summary made of it."""

    claim: Claim
    text: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AttachmentRefused:
    """An attachment that will not be text. `message` never quotes it."""

    claim: Claim
    code: str
    message: str
    status: FinalStatus = "rejected"


# Each tenant's oldest of each priority, so that nobody's backlog hides a neighbour's one document;
# by turns among tenants, and among priorities by their shares. More candidates than are taken,
# since other workers may be taking them at this moment.
_CLAIM = text(
    f"""
    WITH waiting AS (
        SELECT oldest.id, share.share,
               row_number() OVER (
                   PARTITION BY share.priority ORDER BY oldest.turn, random()
               ) AS turn
        FROM tenants
        CROSS JOIN unnest(CAST(:priorities AS text[]), CAST(:shares AS float[]))
            AS share (priority, share)
        CROSS JOIN LATERAL (
            SELECT d.id, row_number() OVER (ORDER BY d.id) AS turn FROM (
                SELECT d.id FROM documents d
                WHERE d.tenant_id = tenants.id AND d.priority = share.priority
                  AND d.status = 'queued' AND d.attachment_type IS NOT NULL
                  AND d.not_before <= now()
                ORDER BY d.id LIMIT :window
            ) d
        ) oldest
        WHERE tenants.suspended_at IS NULL
    ), taken AS (
        SELECT d.id, d.deaths, waiting.turn / waiting.share AS turn
        FROM documents d JOIN waiting ON waiting.id = d.id
        WHERE d.status = 'queued' AND d.attachment_type IS NOT NULL
        ORDER BY waiting.turn / waiting.share, d.id LIMIT :limit
        FOR UPDATE OF d SKIP LOCKED
    ), first AS (
        SELECT id, deaths FROM taken ORDER BY turn, id LIMIT 1
    ), chosen AS (
        SELECT taken.id FROM taken, first
        WHERE taken.id = first.id OR (taken.deaths = 0 AND first.deaths = 0)
    )
    {TAKE}, d.attachment_type, d.status
    """
)


def claim_attachments(
    session: Session, worker: UUID, *, limit: int, lease_seconds: float
) -> list[ClaimedAttachment]:
    """Take up to `limit` attachments that wait. One that was a worker's death comes alone."""
    rows = session.execute(
        _CLAIM,
        {
            "priorities": list(SHARES),
            "shares": list(SHARES.values()),
            "window": 4 * limit,
            "limit": limit,
            "worker": worker,
            "lease": lease_seconds,
        },
    ).all()
    return [
        ClaimedAttachment(Claim(*row[:9]), row.attachment_type)
        for row in rows
        if row.status == "running"
    ]


_QUEUE_TEXT = text(
    """
    UPDATE documents d SET
        status = 'queued', attachment_type = NULL, worker_id = NULL, lease_expires_at = NULL,
        size = :size, text_mac = :text_mac, warnings = d.warnings || CAST(:warnings AS text[]),
        attempts = 0, deaths = 0, deaths_alone = 0, not_before = now()
    WHERE d.id = :document AND d.fence = :fence AND d.status = 'running'
    RETURNING d.id
    """
)


def record_texts(session: Session, vault: TenantVault, texts: Sequence[AttachmentText]) -> int:
    """Queue documents of one tenant again, now with their text; returns how many were accepted.

    Needs a transaction of that tenant. What they did to workers as bytes is past. A text whose
    fence is too low leaves nothing behind.
    """
    # Before any document, and all of them in one order: see shared/batches/finish.py.
    lock_batches(session, {result.claim.batch for result in texts})
    grown: Counter[UUID] = Counter()
    accepted = [result for result in texts if _queue_text(session, vault, result)]
    for result in accepted:
        grown[result.claim.batch] += len(result.text) - result.claim.size
    for batch in sorted(grown):
        session.execute(
            update(Batch).where(Batch.id == batch).values(size=Batch.size + grown[batch])
        )
    if accepted:
        outbox.enqueue(session, DocumentsQueued())
    return len(accepted)


def record_refusals(session: Session, refusals: Sequence[AttachmentRefused]) -> int:
    """Bring documents of one tenant to their end; returns how many results were accepted.

    Needs a transaction of that tenant. The bytes of a rejected one are not kept: nobody will read
    them again.
    """
    finals = [
        each.claim.final(each.status, code=each.code, message=each.message) for each in refusals
    ]
    settled = settle(session, finals)
    rejected = [final.document for final in settled.values() if final.status == "rejected"]
    if rejected:
        session.execute(
            update(DocumentContent)
            .where(DocumentContent.document_id.in_(rejected))
            .values(attachment_sealed=None)
        )
    return len(settled)


def _queue_text(session: Session, vault: TenantVault, result: AttachmentText) -> bool:
    document = result.claim.document
    row = {
        "document": document,
        "fence": result.claim.fence,
        "size": len(result.text),
        "text_mac": vault.mac(result.text, purpose="text"),
        "warnings": result.warnings,
    }
    if session.scalar(_QUEUE_TEXT, row) is None:
        return False
    session.execute(
        update(DocumentContent)
        .where(DocumentContent.document_id == document)
        .values(
            text_sealed=vault.seal(result.text, row=document, field="text"), attachment_sealed=None
        )
    )
    return True
