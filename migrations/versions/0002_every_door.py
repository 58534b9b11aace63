"""Every door: attachments that become text, notes that replace or withdraw others, note types."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant, revoke, secure

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"

NEW = {
    "epicrisis_api": {
        "note_types": "SELECT, INSERT, UPDATE, DELETE",
        "replacements": "SELECT, INSERT",
    },
    "epicrisis_worker": {"note_types": "SELECT"},
}
MORE = {"epicrisis_worker": {"document_contents": "UPDATE"}}
LESS = {"epicrisis_worker": {"summaries": "UPDATE"}}
"""A summary stays as it was written; what replaces it is asked for when it is read."""


def upgrade() -> None:
    _create_tables()
    _alter_documents()
    _alter_summaries()
    grant(NEW)
    grant(MORE)
    revoke(LESS)


def _create_tables() -> None:
    op.create_table(
        "note_types",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sections", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("shortest", sa.Integer(), nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_note_types_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_note_types")),
    )
    op.create_table(
        "replacements",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("target_mac", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_replacements_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "target_mac", name=op.f("pk_replacements")),
    )
    op.create_index(
        "ix_replacements_target", "replacements", ["tenant_id", "target_mac"], unique=False
    )
    for table in ("note_types", "replacements"):
        secure(table)


def _alter_documents() -> None:
    op.add_column(
        "document_contents", sa.Column("attachment_sealed", sa.LargeBinary(), nullable=True)
    )
    op.add_column("documents", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("reuse", sa.Text(), server_default="none", nullable=False))
    op.add_column("documents", sa.Column("attachment_type", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("subject_mac", sa.LargeBinary(), nullable=True))
    op.add_column("documents", sa.Column("text_mac", sa.LargeBinary(), nullable=True))
    op.add_column("documents", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_documents_attachments",
        "documents",
        ["tenant_id", "priority", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued' AND attachment_type IS NOT NULL"),
    )
    op.create_index(
        "ix_documents_custom_id", "documents", ["tenant_id", "custom_id_mac"], unique=False
    )
    op.create_index(
        "ix_documents_subject",
        "documents",
        ["tenant_id", "subject_mac"],
        unique=False,
        postgresql_where=sa.text("subject_mac IS NOT NULL"),
    )
    op.drop_index("ix_documents_queued", table_name="documents")
    op.create_index(
        "ix_documents_queued",
        "documents",
        ["tenant_id", "priority", "note_type", "id"],
        postgresql_where=sa.text("status = 'queued' AND attachment_type IS NULL"),
    )


def _alter_summaries() -> None:
    op.add_column("summaries", sa.Column("reused_from", sa.Uuid(), nullable=True))
    op.add_column("summaries", sa.Column("language", sa.Text(), nullable=True))
    op.drop_index(
        op.f("ix_summaries_current"),
        table_name="summaries",
        postgresql_where="(superseded_by IS NULL)",
    )
    op.create_unique_constraint(op.f("uq_summaries_document_id"), "summaries", ["document_id"])
    op.drop_column("summaries", "superseded_by")


def downgrade() -> None:
    grant(LESS)
    revoke(MORE)
    op.drop_index("ix_documents_queued", table_name="documents")
    op.add_column(
        "summaries", sa.Column("superseded_by", sa.UUID(), autoincrement=False, nullable=True)
    )
    op.drop_constraint(op.f("uq_summaries_document_id"), "summaries", type_="unique")
    op.create_index(
        op.f("ix_summaries_current"),
        "summaries",
        ["document_id"],
        unique=True,
        postgresql_where="(superseded_by IS NULL)",
    )
    op.drop_column("summaries", "language")
    op.drop_column("summaries", "reused_from")
    op.drop_index(
        "ix_documents_subject",
        table_name="documents",
        postgresql_where=sa.text("subject_mac IS NOT NULL"),
    )
    op.drop_index("ix_documents_custom_id", table_name="documents")
    op.drop_index(
        "ix_documents_attachments",
        table_name="documents",
        postgresql_where=sa.text("status = 'queued' AND attachment_type IS NOT NULL"),
    )
    op.drop_column("documents", "withdrawn_at")
    op.drop_column("documents", "text_mac")
    op.drop_column("documents", "subject_mac")
    op.drop_column("documents", "attachment_type")
    op.drop_column("documents", "reuse")
    op.drop_column("documents", "language")
    op.drop_column("document_contents", "attachment_sealed")
    op.drop_index("ix_replacements_target", table_name="replacements")
    op.drop_table("replacements")
    op.drop_table("note_types")
    op.create_index(
        "ix_documents_queued",
        "documents",
        ["tenant_id", "priority", "note_type", "id"],
        postgresql_where=sa.text("status = 'queued'"),
    )
