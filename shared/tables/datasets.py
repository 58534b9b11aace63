"""Datasets: examples, and the versions that fix which of them belong together."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Leased, Table


class Dataset(Table):
    """A name under which versions are counted."""

    __tablename__ = "datasets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (UniqueConstraint("tenant_id", "name"),)


class DatasetVersion(Leased, Table):
    """A fixed set of examples with fixed splits; `shared/datasets/ledger.py` draws its states."""

    __tablename__ = "dataset_versions"

    dataset_id: Mapped[UUID] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    number: Mapped[int | None]
    """From 1, given when all rows have been received."""
    derived_from: Mapped[UUID | None] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="SET NULL")
    )
    note_type: Mapped[str]
    """Of rows that name none."""
    origin: Mapped[str]
    licence: Mapped[str | None]
    permitted_use: Mapped[str]
    holds_patient_data: Mapped[bool]
    recipe: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """JSON of `shared.schemas.datasets.Recipe`: how its members were chosen."""
    label_batch_id: Mapped[UUID | None]
    """The batch that writes its pseudo-labels. No foreign key: a batch may be deleted."""

    step: Mapped[str | None]
    """What is being done, of `total` things `done`."""
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """JSON of `shared.schemas.datasets.Counts`."""
    report_sealed: Mapped[bytes | None]
    """JSON of `shared.schemas.datasets.Report`."""
    page_sealed: Mapped[bytes | None]
    """The same for people: HTML."""
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When the newest of its rows came in."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ready_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """When its members were deleted; its number is never given again."""

    __table_args__ = (
        UniqueConstraint("dataset_id", "number"),
        CheckConstraint(
            "status IN ('receiving','queued','running','ready','failed')", name="status"
        ),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        Index(
            "ix_dataset_versions_open",
            "id",
            postgresql_where=text("status IN ('receiving','queued','running')"),
        ),
    )


class Example(Table):
    """A source with its reference summary. Never changed; shared by versions that hold it.

    The id is the beginning of `digest`, a keyed digest of the content, so that one content is one
    row. What a patient's erasure leaves of it is the row without its text.
    """

    __tablename__ = "examples"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    digest: Mapped[bytes]
    source_sealed: Mapped[bytes | None]
    target_sealed: Mapped[bytes | None]
    """None for an example that waits for a pseudo-label."""
    source_length: Mapped[int]
    target_length: Mapped[int]
    """Characters."""
    erased_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When a version last took it in."""

    __table_args__ = (UniqueConstraint("tenant_id", "digest"),)


class DatasetMember(Table):
    """One row of a version: the example, what was decided about it, and where it came from."""

    __tablename__ = "dataset_members"

    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    """Of the upload, from 1; rows that were made for the version follow the others."""
    tenant_id: Mapped[UUID]
    example_id: Mapped[UUID | None] = mapped_column(ForeignKey("examples.id"), index=True)
    """None for a row that could not be read."""
    note_type: Mapped[str]
    group_mac: Mapped[bytes | None]
    """Keyed digest of `group_id`, the same as of a document's subject, so that a patient's erasure
    finds both; of a row that names none, a digest of its source."""
    metadata_sealed: Mapped[bytes | None]
    permitted_use: Mapped[str]
    asked_split: Mapped[str | None]
    """The split that the upload names."""
    split: Mapped[str | None]
    decision: Mapped[str | None]
    """keep, drop or reject; None until it is curated."""
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    """Figures and lines, never text."""
    findings: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    """All that the steps found, also where the row is kept."""
    kind: Mapped[str]
    """uploaded, reviewed, augmented or pseudo_labelled."""
    parent_line: Mapped[int | None]
    made_by: Mapped[str | None]
    """`abbreviations@1`, `models:/discharge/2`, a review's id."""

    __table_args__ = (
        Index("ix_dataset_members_split", "version_id", "split", "line"),
        Index("ix_dataset_members_group", "tenant_id", "group_mac"),
    )


class DatasetGroup(Table):
    """The split of a group, in every version of a dataset's name, from the first on."""

    __tablename__ = "dataset_groups"

    dataset_id: Mapped[UUID] = mapped_column(
        ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True
    )
    group_mac: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    split: Mapped[str]
