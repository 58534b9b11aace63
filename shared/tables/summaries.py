"""Accepted results."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class Summary(Table):
    """The accepted result of a document; one at a time is current (`superseded_by` is null)."""

    __tablename__ = "summaries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    superseded_by: Mapped[UUID | None]
    note_type: Mapped[str]
    route: Mapped[str]
    reason: Mapped[str]
    model_version: Mapped[str | None]
    prompt_version: Mapped[str | None]
    coverage: Mapped[float]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    body_sealed: Mapped[bytes]
    """JSON of `shared.schemas.summaries.SummaryBody`."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index(
            "ix_summaries_current",
            "document_id",
            unique=True,
            postgresql_where=text("superseded_by IS NULL"),
        ),
    )
