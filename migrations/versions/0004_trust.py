"""Summaries worth trusting: what was asked for, how a summary came to be, reviews."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant, revoke, secure

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"

GRANTS = {
    "epicrisis_api": {"reviews": "SELECT, INSERT"},
    "epicrisis_worker": {"reviews": "SELECT"},
}
MORE = {"epicrisis_api": {"summaries": "UPDATE (review_state, offered_until)"}}


def upgrade() -> None:
    for column in ("asked_route", "asked_model_version", "asked_prompt_version"):
        op.add_column("documents", sa.Column(column, sa.Text(), nullable=True))
    op.add_column(
        "note_types",
        sa.Column("style", sa.Text(), server_default="paragraph", nullable=False),
    )
    op.add_column("note_types", sa.Column("prompt_version", sa.Text(), nullable=True))
    op.add_column(
        "note_types",
        sa.Column(
            "policy",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    _extend_summaries()
    _create_reviews()
    secure("reviews")
    grant(GRANTS)
    grant(MORE)


def _extend_summaries() -> None:
    op.add_column("summaries", sa.Column("trace_sealed", sa.LargeBinary(), nullable=True))
    op.add_column(
        "summaries", sa.Column("findings", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "summaries", sa.Column("review_state", sa.Text(), server_default="none", nullable=False)
    )
    op.add_column(
        "summaries", sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "summaries",
        sa.Column("lot", sa.Float(), server_default=sa.text("random()"), nullable=False),
    )
    op.create_index("ix_summaries_tenant", "summaries", ["tenant_id", "id"], unique=False)
    op.create_index(
        "ix_summaries_to_review",
        "summaries",
        ["tenant_id", "lot", "note_type"],
        unique=False,
        postgresql_where=sa.text("review_state = 'none'"),
    )
    op.create_index(
        "ix_summaries_flagged",
        "summaries",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=sa.text("review_state = 'none' AND findings > 0"),
    )


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("summary_id", sa.Uuid(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summaries.id"],
            name=op.f("fk_reviews_summary_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_summary_id"), "reviews", ["summary_id"], unique=False)
    op.create_index("ix_reviews_tenant", "reviews", ["tenant_id", "note_type", "id"], unique=False)


def downgrade() -> None:
    revoke(MORE)
    op.drop_table("reviews")
    for index in ("flagged", "to_review", "tenant"):
        suffix = f"ix_summaries_{index}"
        op.drop_index(suffix, table_name="summaries")
    for column in ("lot", "offered_until", "review_state", "findings", "trace_sealed"):
        op.drop_column("summaries", column)
    for column in ("policy", "prompt_version", "style"):
        op.drop_column("note_types", column)
    for column in ("asked_prompt_version", "asked_model_version", "asked_route"):
        op.drop_column("documents", column)
