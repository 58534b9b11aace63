"""The ledger: tables, and who may see which of their rows.

Every tenant's table has row-level security, forced. Policies read settings of the transaction:
`epicrisis.tenant` (unset or '' means no rows), `epicrisis.key_prefix` while a key is looked up, and
`epicrisis.administration` for the two tables that hold no patient's data.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | Sequence[str] | None = None

# NULLIF: a pooled connection keeps '' of an earlier transaction's setting.
# The sub-select is evaluated once a statement, not once a row.
OWN_TENANT = "{column} = (SELECT NULLIF(current_setting('epicrisis.tenant', true), '')::uuid)"
TENANT_TABLES = {
    "tenants": "id",
    "data_keys": "tenant_id",
    "api_keys": "tenant_id",
    "batches": "tenant_id",
    "batch_contents": "tenant_id",
    "documents": "tenant_id",
    "document_contents": "tenant_id",
    "summaries": "tenant_id",
    "lanes": "tenant_id",
    "idempotency_keys": "tenant_id",
}
ADMINISTERED = ("tenants", "api_keys")
LEDGER = ("tenants", "batches", "documents", "lanes", "idempotency_keys")
"""What workers and the dispatcher see of all tenants; none of these holds text."""

GRANTS = {
    "epicrisis_api": {
        "tenants": "SELECT, INSERT, UPDATE",
        "data_keys": "SELECT, INSERT",
        "api_keys": "SELECT, INSERT, UPDATE",
        "batches": "SELECT, INSERT, UPDATE",
        "batch_contents": "SELECT, INSERT",
        "documents": "SELECT, INSERT, UPDATE",
        "document_contents": "SELECT, INSERT",
        "summaries": "SELECT",
        "lanes": "SELECT, INSERT",
        "idempotency_keys": "SELECT, INSERT, UPDATE, DELETE",
        "outbox": "INSERT",
        "workers": "SELECT",
    },
    "epicrisis_worker": {
        "tenants": "SELECT",
        "data_keys": "SELECT",
        "batches": "SELECT, UPDATE",
        "documents": "SELECT, UPDATE",
        "document_contents": "SELECT",
        "summaries": "SELECT, INSERT, UPDATE",
        "lanes": "SELECT, UPDATE",
        "idempotency_keys": "SELECT, DELETE",
        # UPDATE, which nobody does, is what FOR UPDATE asks for.
        "outbox": "SELECT, INSERT, UPDATE, DELETE",
        "workers": "SELECT, INSERT, UPDATE, DELETE",
    },
}


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("name", name=op.f("uq_tenants_name")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("characters_per_second", sa.Double(), nullable=True),
        sa.Column("attention", sa.Text(), nullable=True),
        sa.Column("attention_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("secret_mac", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_api_keys_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(op.f("ix_api_keys_tenant_id"), "api_keys", ["tenant_id"], unique=False)
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("note_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("size_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("completed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expired", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fine_tuned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("prompt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("extractive", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("in_progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("results_expire_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_batches_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_group", "batches", ["tenant_id", "group"], unique=False)
    op.create_index(
        "ix_batches_open",
        "batches",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('in_progress','cancelling')"),
    )
    op.create_index("ix_batches_tenant", "batches", ["tenant_id", "id"], unique=False)
    op.create_table(
        "data_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_data_keys_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_data_keys")),
    )
    op.create_table(
        "lanes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("served", sa.Double(), server_default="0", nullable=False),
        sa.Column(
            "served_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_lanes_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "priority", "note_type", name=op.f("pk_lanes")),
    )
    op.create_table(
        "batch_contents",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("metadata_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batches.id"],
            name=op.f("fk_batch_contents_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch_contents")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("custom_id_mac", sa.LargeBinary(), nullable=False),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("fallback", sa.Text(), server_default="any", nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("warnings", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deaths", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deaths_alone", sa.Integer(), server_default="0", nullable=False),
        sa.Column("alone", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (lease_expires_at IS NOT NULL)", name=op.f("ck_documents_lease")
        ),
        sa.CheckConstraint(
            "status IN ('queued','running','succeeded','failed','rejected','cancelled','expired')",
            name=op.f("ck_documents_status"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_documents_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint(
            "batch_id", "custom_id_mac", name=op.f("uq_documents_batch_id_custom_id_mac")
        ),
    )
    op.create_index(
        "ix_documents_open",
        "documents",
        ["batch_id", "status"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued','running')"),
    )
    op.create_index(
        "ix_documents_queued",
        "documents",
        ["tenant_id", "priority", "note_type", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index("ix_documents_results", "documents", ["batch_id", "seq"], unique=True)
    op.create_index(
        "ix_documents_running",
        "documents",
        ["lease_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key_mac", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batches.id"],
            name=op.f("fk_idempotency_keys_batch_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_idempotency_keys_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key_mac", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"], unique=False
    )
    op.create_table(
        "document_contents",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("custom_id_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("metadata_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_document_contents_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_contents")),
    )
    op.create_table(
        "summaries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("note_type", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("prompt_version", sa.Text(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_summaries_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summaries")),
    )
    op.create_index(
        "ix_summaries_current",
        "summaries",
        ["document_id"],
        unique=True,
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    _secure()


def _secure() -> None:
    for table, column in TENANT_TABLES.items():
        own = OWN_TENANT.format(column=column)
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_tenant ON {table} TO epicrisis_api, epicrisis_worker "
            f"USING ({own}) WITH CHECK ({own})"
        )
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO epicrisis_auditor USING (true)")
    for table in ADMINISTERED:
        op.execute(
            f"CREATE POLICY administration ON {table} TO epicrisis_api "
            "USING (current_setting('epicrisis.administration', true) = 'on')"
        )
    op.execute(
        "CREATE POLICY key_lookup ON api_keys FOR SELECT TO epicrisis_api "
        "USING (prefix = (SELECT current_setting('epicrisis.key_prefix', true)))"
    )
    for table in LEDGER:
        op.execute(f"CREATE POLICY ledger ON {table} TO epicrisis_worker USING (true)")
    for role, tables in GRANTS.items():
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO epicrisis_auditor")


def downgrade() -> None:
    for table in (
        "idempotency_keys",
        "summaries",
        "document_contents",
        "documents",
        "batch_contents",
        "lanes",
        "data_keys",
        "batches",
        "api_keys",
        "workers",
        "tenants",
        "outbox",
    ):
        op.drop_table(table)
