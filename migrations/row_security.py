"""What a revision says about a new table beside its columns: who sees which rows, who may do what.

Part of the history that revisions are: add to it, and leave what is here as it is.
"""

from collections.abc import Mapping

from alembic import op

# NULLIF: a pooled connection keeps '' of an earlier transaction's setting.
# The sub-select is evaluated once a statement, not once a row.
_OWN = "tenant_id = (SELECT NULLIF(current_setting('epicrisis.tenant', true), '')::uuid)"


def secure(table: str) -> None:
    """Row-level security, forced: a process sees its transaction's tenant, the auditor all."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_tenant ON {table} TO epicrisis_api, epicrisis_worker "
        f"USING ({_OWN}) WITH CHECK ({_OWN})"
    )
    op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO epicrisis_auditor USING (true)")
    op.execute(f"GRANT SELECT ON {table} TO epicrisis_auditor")


def grant(grants: Mapping[str, Mapping[str, str]]) -> None:
    """Role → table → privileges."""
    for role, tables in grants.items():
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")


def revoke(grants: Mapping[str, Mapping[str, str]]) -> None:
    """Undo `grant` for tables that stay."""
    for role, tables in grants.items():
        for table, privileges in tables.items():
            op.execute(f"REVOKE {privileges} ON {table} FROM {role}")
