"""Datasets: examples, versions, members, the splits of groups."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant, secure

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"

TABLES = ("datasets", "examples", "dataset_groups", "dataset_versions", "dataset_members")
GRANTS = {
    "epicrisis_api": {
        "datasets": "SELECT, INSERT, UPDATE",
        "examples": "SELECT, INSERT, UPDATE",
        "dataset_groups": "SELECT",
        "dataset_versions": "SELECT, INSERT, UPDATE, DELETE",
        "dataset_members": "SELECT, INSERT, UPDATE, DELETE",
    },
    "epicrisis_worker": {
        "datasets": "SELECT",
        "examples": "SELECT, INSERT, UPDATE, DELETE",
        "dataset_groups": "SELECT, INSERT",
        "dataset_versions": "SELECT, UPDATE, DELETE",
        "dataset_members": "SELECT, INSERT, UPDATE, DELETE",
    },
}


def upgrade() -> None:
    _create_datasets()
    _create_examples()
    _create_dataset_groups()
    _create_dataset_versions()
    _create_dataset_members()
    for table in TABLES:
        secure(table)
    # Versions hold no text: a worker sees whose turn it is, and what was lost.
    op.execute("CREATE POLICY ledger ON dataset_versions TO epicrisis_worker USING (true)")
    grant(GRANTS)


def _create_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_datasets_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_datasets_tenant_id_name")),
    )


def _create_examples() -> None:
    op.create_table(
        "examples",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("source_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("target_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("source_length", sa.Integer(), nullable=False),
        sa.Column("target_length", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_examples_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examples")),
        sa.UniqueConstraint("tenant_id", "digest", name=op.f("uq_examples_tenant_id_digest")),
    )


def _create_dataset_groups() -> None:
    op.create_table(
        "dataset_groups",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("group_mac", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["datasets.id"],
            name=op.f("fk_dataset_groups_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset_id", "group_mac", name=op.f("pk_dataset_groups")),
    )


def _create_dataset_versions() -> None:
    op.create_table(
        "dataset_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("derived_from", sa.Uuid(), nullable=True),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("permitted_use", sa.Text(), nullable=False),
        sa.Column("holds_patient_data", sa.Boolean(), nullable=False),
        sa.Column("recipe", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("report_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("page_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (lease_expires_at IS NOT NULL)",
            name=op.f("ck_dataset_versions_lease"),
        ),
        sa.CheckConstraint(
            "status IN ('receiving','queued','running','ready','failed')",
            name=op.f("ck_dataset_versions_status"),
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["datasets.id"],
            name=op.f("fk_dataset_versions_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["derived_from"],
            ["dataset_versions.id"],
            name=op.f("fk_dataset_versions_derived_from"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_versions")),
        sa.UniqueConstraint(
            "dataset_id", "number", name=op.f("uq_dataset_versions_dataset_id_number")
        ),
    )
    op.create_index(
        "ix_dataset_versions_open",
        "dataset_versions",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('receiving','queued','running')"),
    )


def _create_dataset_members() -> None:
    op.create_table(
        "dataset_members",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("example_id", sa.Uuid(), nullable=True),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("group_mac", sa.LargeBinary(), nullable=True),
        sa.Column("metadata_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("permitted_use", sa.Text(), nullable=False),
        sa.Column("asked_split", sa.Text(), nullable=True),
        sa.Column("split", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("findings", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_line", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["example_id"], ["examples.id"], name=op.f("fk_dataset_members_example_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_dataset_members_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "line", name=op.f("pk_dataset_members")),
    )
    op.create_index(
        op.f("ix_dataset_members_example_id"), "dataset_members", ["example_id"], unique=False
    )
    op.create_index(
        "ix_dataset_members_split", "dataset_members", ["version_id", "split", "line"], unique=False
    )
    op.create_index(
        "ix_dataset_members_group", "dataset_members", ["tenant_id", "group_mac"], unique=False
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
