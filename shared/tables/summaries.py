"""Accepted results."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, func
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
    language: Mapped[str | None]
    """BCP 47, given or detected."""
    coverage: Mapped[float]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    body_sealed: Mapped[bytes]
    """JSON of `shared.schemas.summaries.SummaryBody`."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
