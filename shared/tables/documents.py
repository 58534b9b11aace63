"""The ledger of documents, which holds no text, and beside it what is sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class Document(Table):
    """One note and its way through the ledger; `shared/documents/ledger.py` draws the states."""

    __tablename__ = "documents"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    line: Mapped[int]
    """Where the record began in the body, from 1."""
    custom_id_mac: Mapped[bytes]
    note_type: Mapped[str]
    priority: Mapped[str]
    fallback: Mapped[str] = mapped_column(server_default="any")
    size: Mapped[int]
    """Characters; of an attachment that is not text yet, bytes."""
    language: Mapped[str | None]
    """BCP 47, as the sender gave it."""
    reuse: Mapped[str] = mapped_column(server_default="none")
    asked_route: Mapped[str | None]
    asked_model_version: Mapped[str | None]
    asked_prompt_version: Mapped[str | None]
    """What the sender wants it made with; None: whatever is in production."""
    purpose: Mapped[str] = mapped_column(server_default="summary")
    """summary; of `evaluation` and `pseudo_labels` nobody is offered a summary or counts it."""
    redo_of: Mapped[UUID | None]
    """The document that this one is summarized again for, since its model was withdrawn."""
    attachment_type: Mapped[str | None]
    """Media type of an attachment that a background worker has yet to take to text."""
    subject_mac: Mapped[bytes | None]
    text_mac: Mapped[bytes | None]
    withdrawn_at: Mapped[datetime | None]
    """When a later record said that this note was entered in error."""
    warnings: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")

    status: Mapped[str]
    fence: Mapped[int] = mapped_column(server_default="0")
    """Grows at each claim and never falls; a result is accepted from the newest claim only."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    """Own errors of the document."""
    deaths: Mapped[int] = mapped_column(server_default="0")
    """Leases lost while the database was up."""
    deaths_alone: Mapped[int] = mapped_column(server_default="0")
    """Those of them while no neighbour shared the micro-batch; only these condemn a document."""
    alone: Mapped[bool] = mapped_column(server_default="false")
    """Whether the newest claim held this document and no other."""
    worker_id: Mapped[UUID | None]
    lease_expires_at: Mapped[datetime | None]
    not_before: Mapped[datetime] = mapped_column(server_default=func.now())
    """A retry waits until then; 'infinity' parks a document whose batch was cancelled."""

    seq: Mapped[int | None]
    route: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("batch_id", "custom_id_mac"),
        CheckConstraint(
            "status IN ('queued','running','succeeded','failed','rejected','cancelled','expired')",
            name="status",
        ),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        Index(
            "ix_documents_queued",
            "tenant_id",
            "priority",
            "note_type",
            "id",
            postgresql_where=text("status = 'queued' AND attachment_type IS NULL"),
        ),
        Index(
            "ix_documents_attachments",
            "tenant_id",
            "priority",
            "id",
            postgresql_where=text("status = 'queued' AND attachment_type IS NOT NULL"),
        ),
        Index("ix_documents_custom_id", "tenant_id", "custom_id_mac"),
        Index(
            "ix_documents_subject",
            "tenant_id",
            "subject_mac",
            postgresql_where=text("subject_mac IS NOT NULL"),
        ),
        Index(
            "ix_documents_running",
            "lease_expires_at",
            postgresql_where=text("status = 'running'"),
        ),
        Index(
            "ix_documents_open",
            "batch_id",
            "status",
            postgresql_where=text("status IN ('queued','running')"),
        ),
        Index("ix_documents_results", "batch_id", "seq", unique=True),
        Index("ix_documents_redo", "redo_of", postgresql_where=text("redo_of IS NOT NULL")),
    )


class DocumentContent(Table):
    """The document itself, sealed."""

    __tablename__ = "document_contents"

    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    tenant_id: Mapped[UUID]
    custom_id_sealed: Mapped[bytes]
    subject_sealed: Mapped[bytes | None]
    metadata_sealed: Mapped[bytes | None]
    text_sealed: Mapped[bytes | None]
    """None for a rejected record and while an attachment is not text yet."""
    attachment_sealed: Mapped[bytes | None]
    """The attachment's bytes until they are text."""


class Replacement(Table):
    """FHIR's `relatesTo replaces`: a document, and the custom id of the note that it replaces.

    Which summary replaces which follows from it when one is read, so that the two notes may come
    in either order.
    """

    __tablename__ = "replacements"

    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    target_mac: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]

    __table_args__ = (Index("ix_replacements_target", "tenant_id", "target_mac"),)


class Lane(Table):
    """What one tenant has been served lately of one note type at one priority.

    `served` is in characters and halves every minute; `served_at` says when it was last written.
    """

    __tablename__ = "lanes"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    priority: Mapped[str] = mapped_column(primary_key=True)
    note_type: Mapped[str] = mapped_column(primary_key=True)
    served: Mapped[float] = mapped_column(server_default="0")
    served_at: Mapped[datetime] = mapped_column(server_default=func.now())
