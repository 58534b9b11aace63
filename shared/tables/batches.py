"""What a client submits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class Batch(Table):
    """One submission.

    Counters hold final states only; what runs is counted in `documents`, and what is queued is the
    rest, so that a claim never has to lock this row.
    """

    __tablename__ = "batches"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    status: Mapped[str]
    group: Mapped[str | None]
    priority: Mapped[str]
    note_types: Mapped[dict[str, int]]
    total: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    """Characters of all accepted documents; `size_done` of those that reached a final state."""
    size_done: Mapped[int] = mapped_column(BigInteger, server_default="0")

    completed: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")
    cancelled: Mapped[int] = mapped_column(server_default="0")
    expired: Mapped[int] = mapped_column(server_default="0")
    fine_tuned: Mapped[int] = mapped_column(server_default="0")
    prompt: Mapped[int] = mapped_column(server_default="0")
    extractive: Mapped[int] = mapped_column(server_default="0")

    last_seq: Mapped[int] = mapped_column(server_default="0")
    """Results are numbered under this row's lock, so `seq` rises in commit order."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    in_progress_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    results_expire_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]
    """When its documents and summaries were deleted; the counts stay."""

    __table_args__ = (
        Index("ix_batches_tenant", "tenant_id", "id"),
        Index("ix_batches_group", "tenant_id", "group"),
        Index(
            "ix_batches_open",
            "id",
            postgresql_where=text("status IN ('in_progress','cancelling')"),
        ),
        Index(
            "ix_batches_due",
            "results_expire_at",
            postgresql_where=text("purged_at IS NULL"),
        ),
    )


class BatchContent(Table):
    """What may name a patient: sealed, and out of the ledger."""

    __tablename__ = "batch_contents"

    batch_id: Mapped[UUID] = mapped_column(
        ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True
    )
    tenant_id: Mapped[UUID]
    metadata_sealed: Mapped[bytes]


class IdempotencyKey(Table):
    """A client's key: reserved while its request is read, then pointing at the batch."""

    __tablename__ = "idempotency_keys"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    key_mac: Mapped[bytes] = mapped_column(primary_key=True)
    holder: Mapped[UUID]
    """The request that holds the reservation."""
    reserved_until: Mapped[datetime]
    body_mac: Mapped[bytes | None]
    """Keyed digest of the decoded records and parameters."""
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(index=True)
