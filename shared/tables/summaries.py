"""Accepted results."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class Summary(Table):
    """The accepted result of a document."""

    __tablename__ = "summaries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), unique=True
    )
    reused_from: Mapped[UUID | None]
    """The summary of the same text that this one repeats."""
    note_type: Mapped[str]
    route: Mapped[str]
    reason: Mapped[str]
    model_version: Mapped[str | None]
    prompt_version: Mapped[str | None]
    split_id: Mapped[UUID | None]
    """The split of prompts that its document was divided by."""
    split_arm: Mapped[int | None]
    """Number of the prompt version on its side, whatever route it took in the end."""
    language: Mapped[str | None]
    """BCP 47, given or detected."""
    coverage: Mapped[float]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    body_sealed: Mapped[bytes]
    """JSON of `shared.schemas.summaries.SummaryBody`."""
    trace_sealed: Mapped[bytes | None]
    """JSON of `shared.schemas.explanations.Trace`."""
    findings: Mapped[int] = mapped_column(server_default="0")
    """Issues and unsupported sentences."""
    review_state: Mapped[str] = mapped_column(server_default="none")
    offered_until: Mapped[datetime | None]
    """Until then a reviewer has it before them."""
    lot: Mapped[float] = mapped_column(server_default=text("random()"))
    """Its place in a random order, 0 to 1: where the next to be reviewed is drawn from."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("ix_summaries_tenant", "tenant_id", "id"),
        Index("ix_summaries_split", "split_id", postgresql_where=text("split_id IS NOT NULL")),
        Index(
            "ix_summaries_to_review",
            "tenant_id",
            "lot",
            "note_type",
            postgresql_where=text("review_state = 'none'"),
        ),
        Index(
            "ix_summaries_flagged",
            "tenant_id",
            "id",
            postgresql_where=text("review_state = 'none' AND findings > 0"),
        ),
    )


class Review(Table):
    """What a person said about a summary. The newest of a summary holds; none is changed."""

    __tablename__ = "reviews"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    summary_id: Mapped[UUID] = mapped_column(
        ForeignKey("summaries.id", ondelete="CASCADE"), index=True
    )
    note_type: Mapped[str]
    verdict: Mapped[str]
    text_sealed: Mapped[bytes | None]
    """The corrected summary of an `edited`."""
    reviewer: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_reviews_tenant", "tenant_id", "note_type", "id"),)
