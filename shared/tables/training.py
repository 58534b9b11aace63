"""Training: bases, runs with what they say while they run, and what starts them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Leased, Table


class Base(Leased, Table):
    """A model that training begins from, imported once: queued → running → ready | failed."""

    __tablename__ = "bases"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str]
    """As training runs name it: the hub id, or the directory's name."""
    source: Mapped[str]
    """Hub id, directory on the training worker's machine, or `packaged:smollm2`."""
    artifact: Mapped[str | None]
    """Digest of its files in the artifact store."""
    kind: Mapped[str | None]
    """`encoder_decoder` or `decoder`."""
    architecture: Mapped[str | None]
    """`BartForConditionalGeneration`, …"""
    parameters: Mapped[int | None] = mapped_column(BigInteger)
    window: Mapped[int | None]
    """Tokens: of the source for an encoder-decoder, of source and summary for a decoder."""
    languages: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    licence: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ready_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        CheckConstraint("status IN ('queued','running','ready','failed')", name="status"),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
    )


class TrainingRun(Leased, Table):
    """One training job; `shared/training/ledger.py` draws its states."""

    __tablename__ = "training_runs"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    dataset_version_id: Mapped[UUID] = mapped_column(ForeignKey("dataset_versions.id"))
    base: Mapped[str]
    """As asked: a base's name or `models:/T/V`."""
    base_id: Mapped[UUID | None] = mapped_column(ForeignKey("bases.id"))
    base_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_versions.id"))
    """One of the two says what it begins from."""
    method: Mapped[str]
    hyperparameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """JSON of `shared.schemas.hyperparameters.Hyperparameters`, as asked."""
    resolved: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """The same with every default filled in, once the data have been seen."""
    allow_leakage: Mapped[bool] = mapped_column(server_default="false")
    seed: Mapped[int]
    trigger_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("training_triggers.id", ondelete="SET NULL")
    )
    slot: Mapped[str | None]
    """The occasion for which its trigger started it; one run each."""
    promote: Mapped[str] = mapped_column(server_default="never")
    """`if_gate_passes`: the evaluation's end promotes what it made."""
    asked: Mapped[str | None]
    """`cancel` or `pause`, until its worker has done so."""
    step: Mapped[str | None]
    """What is being done, of `total` things `done`; begun at `step_began_at`."""
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    step_began_at: Mapped[datetime | None]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    """JSON of `shared.schemas.training.StepAnswer` of the steps that are over."""
    preflight: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """JSON of `shared.schemas.training.Preflight`."""
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What the trainer says at its end: best step, losses, tokens, seconds, peak memory."""
    diagnosis: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """JSON of `shared.schemas.training.Diagnosis`."""
    best_step: Mapped[int | None]
    host: Mapped[str | None]
    device: Mapped[str | None]
    """Where it runs: one run at a time has a device."""
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        UniqueConstraint("trigger_id", "slot"),
        CheckConstraint(
            "status IN ('queued','running','paused','succeeded','failed','cancelled')",
            name="status",
        ),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        Index("ix_training_runs_tenant", "tenant_id", "id"),
        Index(
            "ix_training_runs_device",
            "host",
            "device",
            unique=True,
            postgresql_where=text("status = 'running'"),
        ),
    )


class TrainingEvent(Table):
    """What happened in a run, in words: never text of an example."""

    __tablename__ = "training_events"

    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("training_runs.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    level: Mapped[str]
    """info, warning or error."""
    code: Mapped[str]
    message: Mapped[str]


class TrainingPoint(Table):
    """Measurements after one optimizer step. A run that resumes writes the same ones again."""

    __tablename__ = "training_points"

    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("training_runs.id", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    epoch: Mapped[float]
    measured: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """`train_loss`, `validation_loss`, `rougeL`, `learning_rate`, `tokens_per_second`, …"""


class TrainingTrigger(Table):
    """What starts runs by itself: a schedule, or enough new reviewed examples."""

    __tablename__ = "training_triggers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    note_type: Mapped[str]
    dataset: Mapped[str]
    """A name: its newest version is taken, or one is made of it with the new reviews."""
    base: Mapped[str]
    method: Mapped[str]
    hyperparameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seed: Mapped[int]
    schedule: Mapped[str | None]
    """Five fields as of cron(8), in `time_zone` (IANA)."""
    time_zone: Mapped[str | None]
    new_reviews: Mapped[int | None]
    """Accepted and edited reviews of the note type since `reviews_from`."""
    reviews_from: Mapped[datetime | None]
    promote: Mapped[str]
    paused: Mapped[bool] = mapped_column(server_default="false")
    next_at: Mapped[datetime | None]
    """The next slot of the schedule; of reviews: not before then, since the last time failed."""
    pending_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="SET NULL")
    )
    """Made of the new reviews: the run begins on it once it is ready."""
    last_error: Mapped[str | None]
    """Why its last occasion started no run."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("(schedule IS NULL) <> (new_reviews IS NULL)", name="one_cause"),
    )
