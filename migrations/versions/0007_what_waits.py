"""What waits in the queues, and what to do about a dataset version that has failed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"

# For operators: counts over all tenants, which none of the processes may make of the rows.
QUEUES = """
    CREATE FUNCTION queue_depths()
    RETURNS TABLE (queue text, waiting bigint, waiting_since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT queue, count(*), min(not_before) FROM (
            SELECT CASE WHEN attachment_type IS NULL THEN 'summarization' ELSE 'background' END,
                   not_before
            FROM documents WHERE status = 'queued'
            UNION ALL
            SELECT 'background', not_before FROM dataset_versions WHERE status = 'queued'
            UNION ALL
            SELECT 'background', not_before FROM evaluations WHERE status = 'queued'
            UNION ALL
            SELECT 'training', not_before FROM bases WHERE status = 'queued'
            UNION ALL
            SELECT 'training', not_before FROM training_runs WHERE status = 'queued'
        ) queued (queue, not_before)
        WHERE not_before <= now()
        GROUP BY queue
    $$
"""


def upgrade() -> None:
    op.add_column("dataset_versions", sa.Column("error_fix", sa.Text(), nullable=True))
    op.execute(QUEUES)
    op.execute("REVOKE EXECUTE ON FUNCTION queue_depths() FROM PUBLIC")
    op.execute(
        "GRANT EXECUTE ON FUNCTION queue_depths() "
        "TO epicrisis_api, epicrisis_worker, epicrisis_auditor"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION queue_depths()")
    op.drop_column("dataset_versions", "error_fix")
