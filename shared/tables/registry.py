"""The registry: immutable versions of models and of prompts, and what served when.

Both kinds have the same three tables: versions, the history of what was in production, and the
alias. `shared/registry/kinds.py` says which are whose.
"""

from datetime import datetime
from typing import Any, ClassVar
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class Version(Table):
    """Immutable but for its being withdrawn or found unusable."""

    __abstract__ = True
    PREFIX: ClassVar[str]
    """Of its name: `models` of `models:/T/V`."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    number: Mapped[int]
    status: Mapped[str]
    """ready, unusable (its files or their fast form are not what they were) or withdrawn."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]


class HistoryLine(Table):
    """One change of what is in production for a note type. Append-only: it answers `?at=`."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    action: Mapped[str]
    """promote, rollback, demote or withdraw."""
    version_id: Mapped[UUID | None]
    """What serves from then on; None: what serves without a version."""
    before_id: Mapped[int | None] = mapped_column(BigInteger)
    """The line to which a rollback goes back."""
    reason: Mapped[str]
    override: Mapped[bool] = mapped_column(server_default="false")
    gate: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """JSON of `shared.schemas.registry.Gate`, as it stood."""
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Alias(Table):
    """What is in production for a note type now. Who changes it locks its row."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    note_type: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[UUID | None]
    promotion_id: Mapped[int | None] = mapped_column(BigInteger)


class ModelVersion(Version):
    """`models:/T/V`: what a run made."""

    __tablename__ = "model_versions"
    PREFIX = "models"

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

    __table_args__ = (
        UniqueConstraint("tenant_id", "note_type", "number"),
        CheckConstraint("status IN ('ready','unusable','withdrawn')", name="status"),
    )


class Promotion(HistoryLine):
    """Of models; without a version the prompt serves."""

    __tablename__ = "promotions"
    __table_args__ = (
        ForeignKeyConstraint(["version_id"], ["model_versions.id"]),
        Index("ix_promotions_note_type", "tenant_id", "note_type", "id"),
    )


class Production(Alias):
    """Of models."""

    __tablename__ = "productions"
    __table_args__ = (
        ForeignKeyConstraint(["version_id"], ["model_versions.id"]),
        ForeignKeyConstraint(["promotion_id"], ["promotions.id"], deferrable=True),
    )


class PromptVersion(Version):
    """`prompts:/T/V`: what a person wrote, or the shipped one as it was when another was added."""

    __tablename__ = "prompt_versions"
    PREFIX = "prompts"

    content_sealed: Mapped[bytes]
    """JSON of `shared.prompts.prompt.Content`: a person may have pasted an example into it."""
    examples_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset_versions.id"))
    """The dataset version that its examples are drawn from."""
    message: Mapped[str]
    created_by: Mapped[str]

    __table_args__ = (
        UniqueConstraint("tenant_id", "note_type", "number"),
        CheckConstraint("status IN ('ready','withdrawn')", name="status"),
    )


class PromptPromotion(HistoryLine):
    """Of prompts; without a version the shipped one serves, or the one the note type names."""

    __tablename__ = "prompt_promotions"
    __table_args__ = (
        ForeignKeyConstraint(["version_id"], ["prompt_versions.id"]),
        Index("ix_prompt_promotions_note_type", "tenant_id", "note_type", "id"),
    )


class PromptProduction(Alias):
    """Of prompts."""

    __tablename__ = "prompt_productions"
    __table_args__ = (
        ForeignKeyConstraint(["version_id"], ["prompt_versions.id"]),
        ForeignKeyConstraint(["promotion_id"], ["prompt_promotions.id"], deferrable=True),
    )


class PromptSplit(Table):
    """Documents of a note type divided among prompt versions; one at a time runs."""

    __tablename__ = "prompt_splits"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    arms: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """JSON of a list of `shared.schemas.prompts.Arm`."""
    reason: Mapped[str]
    started_by: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    stopped_at: Mapped[datetime | None]
    stopped_because: Mapped[str | None]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """JSON of `shared.schemas.prompts.SplitFigures`, as they stood when it stopped."""

    __table_args__ = (
        Index(
            "ix_prompt_splits_running",
            "tenant_id",
            "note_type",
            unique=True,
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )
