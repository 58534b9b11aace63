"""Prompts of tenants' own: versions, what serves, splits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant, secure

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"

TABLES = ("prompt_versions", "prompt_promotions", "prompt_productions", "prompt_splits")
GRANTS = {
    "epicrisis_api": {
        "prompt_versions": "SELECT, INSERT, UPDATE (status, withdrawn_at, withdrawn_because)",
        "prompt_promotions": "SELECT, INSERT",
        "prompt_productions": "SELECT, INSERT, UPDATE",
        "prompt_splits": "SELECT, INSERT, UPDATE",
    },
    "epicrisis_worker": {
        "prompt_versions": "SELECT",
        "prompt_productions": "SELECT",
        "prompt_splits": "SELECT, UPDATE",
    },
}
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _create_versions()
    _create_promotions()
    _create_productions()
    _create_splits()
    for table in TABLES:
        secure(table)
    # They hold no text: the dispatcher sees which ones run, of all tenants.
    op.execute("DROP POLICY own_tenant ON prompt_splits")
    op.execute(
        "CREATE POLICY own_tenant ON prompt_splits TO epicrisis_api "
        "USING (tenant_id = (SELECT NULLIF(current_setting('epicrisis.tenant', true), '')::uuid))"
    )
    op.execute("CREATE POLICY worker ON prompt_splits TO epicrisis_worker USING (true)")
    grant(GRANTS)
    op.add_column("summaries", sa.Column("split_id", sa.Uuid(), nullable=True))
    op.add_column("summaries", sa.Column("split_arm", sa.Integer(), nullable=True))
    op.create_index(
        "ix_summaries_split",
        "summaries",
        ["split_id"],
        postgresql_where=sa.text("split_id IS NOT NULL"),
    )
    op.add_column("evaluations", sa.Column("production_prompt", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("evaluations", "production_prompt")
    op.drop_index("ix_summaries_split", "summaries")
    op.drop_column("summaries", "split_arm")
    op.drop_column("summaries", "split_id")
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_versions() -> None:
    op.create_table(
        "prompt_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("examples_id", sa.Uuid(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        _moment("created_at", "now()"),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('ready','withdrawn')", name=op.f("ck_prompt_versions_status")
        ),
        sa.ForeignKeyConstraint(
            ["examples_id"], ["dataset_versions.id"], name=op.f("fk_prompt_versions_examples_id")
        ),
        _of_a_tenant("prompt_versions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_versions")),
        sa.UniqueConstraint(
            "tenant_id",
            "note_type",
            "number",
            name=op.f("uq_prompt_versions_tenant_id_note_type_number"),
        ),
    )


def _create_promotions() -> None:
    op.create_table(
        "prompt_promotions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("before_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("gate", _JSON, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        _moment("at", "clock_timestamp()"),
        _of_a_tenant("prompt_promotions"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["prompt_versions.id"], name=op.f("fk_prompt_promotions_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_promotions")),
    )
    op.create_index(
        "ix_prompt_promotions_note_type", "prompt_promotions", ["tenant_id", "note_type", "id"]
    )


def _create_productions() -> None:
    op.create_table(
        "prompt_productions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["prompt_promotions.id"],
            name=op.f("fk_prompt_productions_promotion_id"),
            deferrable=True,
        ),
        _of_a_tenant("prompt_productions"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["prompt_versions.id"], name=op.f("fk_prompt_productions_version_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "note_type", name=op.f("pk_prompt_productions")),
    )


def _create_splits() -> None:
    op.create_table(
        "prompt_splits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("arms", _JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        _moment("started_at", "now()"),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_because", sa.Text(), nullable=True),
        sa.Column("outcome", _JSON, nullable=True),
        _of_a_tenant("prompt_splits"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_splits")),
    )
    op.create_index(
        "ix_prompt_splits_running",
        "prompt_splits",
        ["tenant_id", "note_type"],
        unique=True,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )


def _moment(name: str, default: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text(default), nullable=False
    )


def _of_a_tenant(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_tenant_id")
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=name)
