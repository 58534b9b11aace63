"""Fine-tuning to production: bases, runs, model versions, what serves, evaluations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant, revoke, secure

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"

TABLES = (
    "bases",
    "training_triggers",
    "model_versions",
    "promotions",
    "training_runs",
    "evaluations",
    "productions",
    "training_events",
    "training_points",
)
CLAIMED = ("bases", "training_runs", "evaluations", "training_triggers")
"""They hold no text: a worker sees whose turn it is, of all tenants."""
GRANTS = {
    "epicrisis_api": {
        "bases": "SELECT, INSERT, UPDATE, DELETE",
        "training_triggers": "SELECT, INSERT, UPDATE, DELETE",
        "model_versions": "SELECT, UPDATE (status, withdrawn_at, withdrawn_because)",
        "promotions": "SELECT, INSERT",
        "training_runs": "SELECT, INSERT, UPDATE",
        "evaluations": "SELECT, INSERT, UPDATE (cases_sealed), DELETE",
        "productions": "SELECT, INSERT, UPDATE",
        "training_events": "SELECT, INSERT",
        "training_points": "SELECT",
    },
    "epicrisis_worker": {
        "bases": "SELECT, INSERT, UPDATE",
        "training_triggers": "SELECT, UPDATE",
        "model_versions": "SELECT, INSERT, UPDATE (status)",
        "promotions": "SELECT, INSERT",
        "training_runs": "SELECT, INSERT, UPDATE",
        "evaluations": "SELECT, INSERT, UPDATE",
        "productions": "SELECT, INSERT, UPDATE",
        "training_events": "SELECT, INSERT, DELETE",
        "training_points": "SELECT, INSERT, UPDATE, DELETE",
    },
}
MORE = {
    "epicrisis_worker": {
        "batches": "INSERT",
        "batch_contents": "INSERT",
        "documents": "INSERT",
        "document_contents": "INSERT",
        "lanes": "INSERT",
        # UPDATE, which nobody does, is what FOR UPDATE asks for.
        "datasets": "INSERT, UPDATE",
        "dataset_versions": "INSERT",
    }
}
"""An evaluation submits its candidates' documents; a trigger makes a dataset version of reviews."""


def upgrade() -> None:
    _create_bases()
    _create_training_triggers()
    _create_model_versions()
    _create_promotions()
    _create_training_runs()
    _create_evaluations()
    _create_productions()
    _create_training_events()
    _create_training_points()
    op.add_column(
        "documents", sa.Column("purpose", sa.Text(), server_default="summary", nullable=False)
    )
    op.add_column("documents", sa.Column("redo_of", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_documents_redo",
        "documents",
        ["redo_of"],
        unique=False,
        postgresql_where=sa.text("redo_of IS NOT NULL"),
    )
    op.add_column("dataset_versions", sa.Column("label_batch_id", sa.Uuid(), nullable=True))
    for table in TABLES:
        secure(table)
    for table in CLAIMED:
        op.execute(f"CREATE POLICY ledger ON {table} TO epicrisis_worker USING (true)")
    grant(GRANTS)
    grant(MORE)


def _create_bases() -> None:
    op.create_table(
        "bases",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("artifact", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("architecture", sa.Text(), nullable=True),
        sa.Column("parameters", sa.BigInteger(), nullable=True),
        sa.Column("window", sa.Integer(), nullable=True),
        sa.Column("languages", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
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
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_fix", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (lease_expires_at IS NOT NULL)", name=op.f("ck_bases_lease")
        ),
        sa.CheckConstraint(
            "status IN ('queued','running','ready','failed')", name=op.f("ck_bases_status")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_bases_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bases")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_bases_tenant_id_name")),
    )


def _create_training_triggers() -> None:
    op.create_table(
        "training_triggers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("hyperparameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("new_reviews", sa.Integer(), nullable=True),
        sa.Column("reviews_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promote", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pending_version_id", sa.Uuid(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(schedule IS NULL) <> (new_reviews IS NULL)",
            name=op.f("ck_training_triggers_one_cause"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_training_triggers_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["pending_version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_training_triggers_pending_version_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_triggers")),
    )


def _create_model_versions() -> None:
    op.create_table(
        "model_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("base_version_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("artifact", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parameters", sa.BigInteger(), nullable=False),
        sa.Column("parity", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('ready','unusable','withdrawn')", name=op.f("ck_model_versions_status")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["bases.id"], name=op.f("fk_model_versions_base_id")),
        sa.ForeignKeyConstraint(
            ["base_version_id"],
            ["model_versions.id"],
            name=op.f("fk_model_versions_base_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dataset_version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_model_versions_dataset_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_model_versions_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_versions")),
        sa.UniqueConstraint(
            "tenant_id",
            "note_type",
            "number",
            name=op.f("uq_model_versions_tenant_id_note_type_number"),
        ),
    )


def _create_promotions() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("before_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("gate", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_promotions_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_versions.id"], name=op.f("fk_promotions_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    op.create_index(
        "ix_promotions_note_type", "promotions", ["tenant_id", "note_type", "id"], unique=False
    )


def _create_training_runs() -> None:
    op.create_table(
        "training_runs",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("base_version_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("hyperparameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("resolved", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("allow_leakage", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("trigger_id", sa.Uuid(), nullable=True),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("promote", sa.Text(), server_default="never", nullable=False),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("step_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "steps",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("preflight", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("diagnosis", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("best_step", sa.Integer(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
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
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_fix", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (lease_expires_at IS NOT NULL)",
            name=op.f("ck_training_runs_lease"),
        ),
        sa.CheckConstraint(
            "status IN ('queued','running','paused','succeeded','failed','cancelled')",
            name=op.f("ck_training_runs_status"),
        ),
        sa.ForeignKeyConstraint(["base_id"], ["bases.id"], name=op.f("fk_training_runs_base_id")),
        sa.ForeignKeyConstraint(
            ["base_version_id"],
            ["model_versions.id"],
            name=op.f("fk_training_runs_base_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dataset_version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_training_runs_dataset_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_training_runs_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["trigger_id"],
            ["training_triggers.id"],
            name=op.f("fk_training_runs_trigger_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_runs")),
        sa.UniqueConstraint("trigger_id", "slot", name=op.f("uq_training_runs_trigger_id_slot")),
    )
    op.create_index(
        "ix_training_runs_device",
        "training_runs",
        ["host", "device"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index("ix_training_runs_tenant", "training_runs", ["tenant_id", "id"], unique=False)


def _create_evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("candidates", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("production", sa.Text(), nullable=True),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column(
            "batches",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("cases_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
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
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_fix", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (lease_expires_at IS NOT NULL)",
            name=op.f("ck_evaluations_lease"),
        ),
        sa.CheckConstraint(
            "status IN ('queued','running','ready','failed')", name=op.f("ck_evaluations_status")
        ),
        sa.ForeignKeyConstraint(
            ["dataset_version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_evaluations_dataset_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["training_runs.id"], name=op.f("fk_evaluations_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_evaluations_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index(op.f("ix_evaluations_run_id"), "evaluations", ["run_id"], unique=False)
    op.create_index("ix_evaluations_tenant", "evaluations", ["tenant_id", "id"], unique=False)


def _create_productions() -> None:
    op.create_table(
        "productions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotions.id"],
            name=op.f("fk_productions_promotion_id"),
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_productions_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_versions.id"], name=op.f("fk_productions_version_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "note_type", name=op.f("pk_productions")),
    )


def _create_training_events() -> None:
    op.create_table(
        "training_events",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["training_runs.id"],
            name=op.f("fk_training_events_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "seq", name=op.f("pk_training_events")),
    )


def _create_training_points() -> None:
    op.create_table(
        "training_points",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Double(), nullable=False),
        sa.Column("measured", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["training_runs.id"],
            name=op.f("fk_training_points_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "step", name=op.f("pk_training_points")),
    )


def downgrade() -> None:
    revoke(MORE)
    op.drop_column("dataset_versions", "label_batch_id")
    op.drop_column("documents", "redo_of")
    op.drop_column("documents", "purpose")
    for table in reversed(TABLES):
        op.drop_table(table)
