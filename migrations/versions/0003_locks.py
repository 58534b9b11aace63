"""Locked: audit, clients, keys of several master keys, retention."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import grant, revoke, secure

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"

SECURED = ("audit_events", "audit_keys", "audit_links", "clients", "seen_assertions")
ADMINISTERED = ("data_keys", "audit_keys", "clients")
LEDGER = ("audit_events", "audit_links", "seen_assertions")
"""What the dispatcher sees of all tenants; none of these holds text."""

NEW = {
    "epicrisis_api": {
        "audit_events": "SELECT, INSERT",
        "audit_keys": "SELECT, INSERT, UPDATE",
        "audit_links": "SELECT",
        "clients": "SELECT, INSERT, UPDATE",
        "seen_assertions": "SELECT, INSERT",
    },
    "epicrisis_worker": {
        "audit_events": "SELECT, INSERT",
        "audit_keys": "SELECT, INSERT",
        "audit_links": "SELECT, INSERT",
        "seen_assertions": "SELECT, DELETE",
    },
}
MORE = {
    "epicrisis_api": {"data_keys": "UPDATE, DELETE", "batches": "DELETE", "documents": "DELETE"},
    "epicrisis_worker": {
        "api_keys": "SELECT, DELETE",
        "batch_contents": "SELECT, DELETE",
        "documents": "DELETE",
    },
}


def upgrade() -> None:
    _create_audit()
    _create_clients()
    _add_columns()
    _add_policies()
    grant(NEW)
    grant(MORE)


def _create_audit() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("objects", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_events_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index("ix_audit_events_tenant", "audit_events", ["tenant_id", "id"], unique=False)
    op.create_table(
        "audit_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_keys_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_keys")),
    )
    op.create_table(
        "audit_links",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column(
            "linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_events.id"], name=op.f("fk_audit_links_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_links_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name=op.f("pk_audit_links")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_links_event_id")),
    )


def _create_clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("jwks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_clients_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    op.create_index(op.f("ix_clients_tenant_id"), "clients", ["tenant_id"], unique=False)
    op.create_table(
        "seen_assertions",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti_digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.id"],
            name=op.f("fk_seen_assertions_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "jti_digest", name=op.f("pk_seen_assertions")),
    )
    op.create_index(
        op.f("ix_seen_assertions_expires_at"), "seen_assertions", ["expires_at"], unique=False
    )
    op.add_column("api_keys", sa.Column("client_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_api_keys_client_id"),
        "api_keys",
        "clients",
        ["client_id"],
        ["id"],
        ondelete="CASCADE",
    )


def _add_columns() -> None:
    op.add_column("batches", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_batches_due",
        "batches",
        ["results_expire_at"],
        unique=False,
        postgresql_where=sa.text("purged_at IS NULL"),
    )
    op.add_column("data_keys", sa.Column("wrapped_by", sa.Text(), nullable=True))
    op.add_column("tenants", sa.Column("shredded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tenants", sa.Column("results_days", sa.Integer(), nullable=True))
    op.add_column(
        "tenants", sa.Column("remote_prompts", sa.Boolean(), server_default="false", nullable=False)
    )


def _add_policies() -> None:
    for table in SECURED:
        secure(table)
    for table in ADMINISTERED:
        op.execute(
            f"CREATE POLICY administration ON {table} TO epicrisis_api "
            "USING (current_setting('epicrisis.administration', true) = 'on')"
        )
    for table in LEDGER:
        op.execute(f"CREATE POLICY ledger ON {table} TO epicrisis_worker USING (true)")
    op.execute(
        "CREATE POLICY client_lookup ON clients FOR SELECT TO epicrisis_api "
        "USING (id = (SELECT NULLIF(current_setting('epicrisis.client', true), '')::uuid))"
    )
    # Access tokens are keys of five minutes; the dispatcher clears them away.
    op.execute("CREATE POLICY tokens ON api_keys TO epicrisis_worker USING (client_id IS NOT NULL)")


def downgrade() -> None:
    revoke(MORE)
    op.execute("DROP POLICY tokens ON api_keys")
    op.execute("DROP POLICY administration ON data_keys")
    op.drop_column("tenants", "remote_prompts")
    op.drop_column("tenants", "results_days")
    op.drop_column("tenants", "shredded_at")
    op.drop_column("data_keys", "wrapped_by")
    op.drop_index(
        "ix_batches_due", table_name="batches", postgresql_where=sa.text("purged_at IS NULL")
    )
    op.drop_column("batches", "purged_at")
    op.drop_constraint(op.f("fk_api_keys_client_id"), "api_keys", type_="foreignkey")
    op.drop_column("api_keys", "client_id")
    op.drop_index(op.f("ix_seen_assertions_expires_at"), table_name="seen_assertions")
    op.drop_table("seen_assertions")
    op.drop_table("audit_links")
    op.drop_index(op.f("ix_clients_tenant_id"), table_name="clients")
    op.drop_table("clients")
    op.drop_table("audit_keys")
    op.drop_index("ix_audit_events_tenant", table_name="audit_events")
    op.drop_table("audit_events")
