"""Make a batch of texts that the system has already: an evaluation's, or a withdrawn model's again.

They are ordinary documents of the ledger. They come from what is sealed here, so nothing is parsed
or rejected, and the caller's transaction is the whole submission.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shared import outbox
from shared.config import LedgerSettings
from shared.errors import InvalidInput
from shared.ids import new_id
from shared.messages import DocumentsQueued
from shared.schemas.batches import BatchParameters, Fallback
from shared.tables import Batch, BatchContent, Document, DocumentContent, Lane, Replacement
from shared.text.language_tags import plain_tag
from shared.vault import TenantVault

DocumentPurpose = Literal["summary", "evaluation", "pseudo_labels"]
Values = dict[str, object]
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class InternalText:
    """A text to summarize. A `custom_id` may come twice: the same note was sent in two batches."""

    custom_id: str
    text: str
    note_type: str
    subject: str | None = None
    language: str | None = None
    redo_of: UUID | None = None
    """The document that is summarized again."""
    fallback: Fallback | None = None
    """How far this one may step down; None: as the parameters say."""
    subject_mac: bytes | None = None
    """The subject's keyed digest, where nothing else of it is known: its erasure finds the text."""
    metadata: str | None = None
    """JSON, as a document's is sealed."""
    replaces: tuple[bytes, ...] = ()
    """Lookups of the custom ids that it replaces."""
    warnings: tuple[str, ...] = ()
    """What was said of the note when it came in."""


def submit_texts(
    session: Session,
    vault: TenantVault,
    texts: Iterable[InternalText],
    parameters: BatchParameters,
    *,
    purpose: DocumentPurpose,
) -> UUID:
    """The batch of the texts, which are read 500 at a time.

    `superseded` and `note_type` of the parameters mean nothing here. Needs a transaction of the
    vault's tenant. Raises InvalidInput when there is no text.
    """
    batch = new_id()
    _insert_batch(session, vault, batch, parameters)
    note_types: Counter[str] = Counter()
    size = 0
    rows = _rows(vault, batch, texts, parameters, purpose)
    while chunk := list(islice(rows, _CHUNK)):
        session.execute(insert(Document), [document for document, *_ in chunk])
        session.execute(insert(DocumentContent), [content for _, content, _ in chunk])
        if replacements := [one for *_, replaced in chunk for one in replaced]:
            session.execute(insert(Replacement), replacements)
        note_types.update(str(document["note_type"]) for document, *_ in chunk)
        size += sum(int(str(document["size"])) for document, *_ in chunk)
    if not note_types:
        raise InvalidInput("There is no text to summarize.", code="no_texts")
    session.execute(
        update(Batch)
        .where(Batch.id == batch)
        .values(total=note_types.total(), size=size, note_types=dict(note_types))
    )
    _open_lanes(session, vault.tenant, sorted(note_types), parameters)
    outbox.enqueue(session, DocumentsQueued())
    return batch


def _insert_batch(
    session: Session, vault: TenantVault, batch: UUID, parameters: BatchParameters
) -> None:
    session.execute(
        insert(Batch).values(
            id=batch,
            tenant_id=vault.tenant,
            status="in_progress",
            group=parameters.group,
            priority=parameters.priority,
            note_types={},
            total=0,
            size=0,
            in_progress_at=func.now(),
            expires_at=func.now() + timedelta(days=LedgerSettings().batch_days),
        )
    )
    if parameters.metadata:
        metadata = parameters.model_dump_json(include={"metadata"})
        sealed = vault.seal(metadata, row=batch, field="metadata")
        session.execute(
            insert(BatchContent).values(
                batch_id=batch, tenant_id=vault.tenant, metadata_sealed=sealed
            )
        )


def _rows(
    vault: TenantVault,
    batch: UUID,
    texts: Iterable[InternalText],
    parameters: BatchParameters,
    purpose: DocumentPurpose,
) -> Iterator[tuple[Values, Values, list[Values]]]:
    """Of the ledger, beside it, and of what each replaces."""
    seen: set[bytes] = set()
    for line, text in enumerate(texts, 1):
        custom_id_mac = vault.mac(text.custom_id, purpose="custom_id")
        if custom_id_mac in seen:
            custom_id_mac = vault.mac(f"{line}:{text.custom_id}", purpose="repeated")
        seen.add(custom_id_mac)
        row = new_id()
        document = {
            "id": row,
            "tenant_id": vault.tenant,
            "batch_id": batch,
            "line": line,
            "custom_id_mac": custom_id_mac,
            "priority": parameters.priority,
            "fallback": text.fallback or parameters.fallback,
            "reuse": parameters.reuse,
            "asked_route": parameters.route,
            "asked_model_version": parameters.model_version,
            "asked_prompt_version": parameters.prompt_version,
            "purpose": purpose,
            "status": "queued",
            **_of_text(vault, text),
        }
        mine = {"document_id": row, "tenant_id": vault.tenant}
        replaced = [{**mine, "target_mac": target} for target in text.replaces]
        yield document, {**mine, **_sealed(vault, row, text)}, replaced


def _of_text(vault: TenantVault, text: InternalText) -> Values:
    subject_mac = text.subject_mac
    if text.subject:
        subject_mac = vault.mac(text.subject, purpose="subject")
    return {
        "note_type": text.note_type,
        "size": len(text.text),
        "language": None if text.language is None else plain_tag(text.language),
        "redo_of": text.redo_of,
        "subject_mac": subject_mac,
        "text_mac": vault.mac(text.text, purpose="text"),
        "warnings": list(text.warnings),
    }


def _sealed(vault: TenantVault, row: UUID, text: InternalText) -> Values:
    subject, metadata = text.subject, text.metadata
    return {
        "custom_id_sealed": vault.seal(text.custom_id, row=row, field="custom_id"),
        "subject_sealed": vault.seal(subject, row=row, field="subject") if subject else None,
        "metadata_sealed": vault.seal(metadata, row=row, field="metadata") if metadata else None,
        "text_sealed": vault.seal(text.text, row=row, field="text"),
    }


def _open_lanes(
    session: Session, tenant: UUID, note_types: list[str], parameters: BatchParameters
) -> None:
    lanes = [
        {"tenant_id": tenant, "priority": parameters.priority, "note_type": note_type}
        for note_type in note_types
    ]
    session.execute(upsert(Lane).values(lanes).on_conflict_do_nothing())
