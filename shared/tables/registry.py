"""The registry: immutable model versions, and what served when."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class ModelVersion(Table):
    """`models:/T/V`: what a run made. Immutable but for its being withdrawn or found unusable."""

    __tablename__ = "model_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    number: Mapped[int]
    run_id: Mapped[UUID | None]
    dataset_version_id: Mapped[UUID] = mapped_column(ForeignKey("dataset_versions.id"))
    base: Mapped[str]
    base_id: Mapped[UUID | None] = mapped_column(ForeignKey("bases.id"))
    base_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_versions.id"))
    method: Mapped[str]
    artifact: Mapped[str]
    """Digest of its files in the artifact store: Hugging Face layout, safetensors."""
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """JSON of `shared.schemas.registry.ModelManifest`: how it is served and what it came from."""
    parameters: Mapped[int] = mapped_column(BigInteger)
    parity: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """JSON of `shared.schemas.registry.Parity`: the fast form beside the weights."""
    status: Mapped[str]
    """ready, unusable (its files or their fast form are not what they were) or withdrawn."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "note_type", "number"),
        CheckConstraint("status IN ('ready','unusable','withdrawn')", name="status"),
    )


class Promotion(Table):
    """One change of what is in production for a note type. Append-only: it answers `?at=`."""

    __tablename__ = "promotions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    action: Mapped[str]
    """promote, rollback, demote or withdraw."""
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_versions.id"))
    """What serves from then on; None: the prompt."""
    before_id: Mapped[int | None] = mapped_column(BigInteger)
    """The promotion to which a rollback goes back."""
    reason: Mapped[str]
    override: Mapped[bool] = mapped_column(server_default="false")
    gate: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """JSON of `shared.schemas.registry.Gate`, as it stood."""
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (Index("ix_promotions_note_type", "tenant_id", "note_type", "id"),)


class Production(Table):
    """The alias: what is in production for a note type now. Who changes it locks its row."""

    __tablename__ = "productions"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    note_type: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_versions.id"))
    promotion_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (ForeignKeyConstraint(["promotion_id"], ["promotions.id"], deferrable=True),)
