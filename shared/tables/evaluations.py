"""Evaluations: candidates side by side on examples that none of them was trained on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Leased, Table


class Evaluation(Leased, Table):
    """queued → running → ready | failed; between claims its candidates' batches are summarized."""

    __tablename__ = "evaluations"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    candidates: Mapped[list[str]] = mapped_column(ARRAY(String))
    """`models:/T/V`, `prompts:/T/V`, `extractive`, `production`: as asked."""
    production: Mapped[str | None]
    """`models:/T/V` that was in production when it began; None: the prompt."""
    production_prompt: Mapped[str | None]
    """`prompts:/T/V` that was in production then, whether a model served before it or not."""
    dataset_version_id: Mapped[UUID] = mapped_column(ForeignKey("dataset_versions.id"))
    split: Mapped[str]
    limit: Mapped[int | None]
    metric: Mapped[str]
    run_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("training_runs.id", ondelete="CASCADE"), index=True
    )
    """The run whose version it judges."""
    batches: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """Candidate → the batch of its summaries, which are ordinary documents."""
    step: Mapped[str | None]
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """JSON of `shared.schemas.evaluations.Figures`: all of the report that quotes nothing."""
    cases_sealed: Mapped[bytes | None]
    """JSON of `shared.schemas.evaluations.Cases`: best and worst, word for word."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ready_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('queued','running','ready','failed')", name="status"),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        Index("ix_evaluations_tenant", "tenant_id", "id"),
    )
