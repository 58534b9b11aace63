"""What must hold after any run of faults, asked of the ledger in SQL."""

import psycopg

QUESTIONS = {
    "not in a final state": """
        SELECT count(*) FROM documents WHERE status IN ('queued', 'running')
    """,
    "failed": "SELECT count(*) FROM documents WHERE status = 'failed'",
    "without a current summary": """
        SELECT count(*) FROM documents d WHERE d.status = 'succeeded' AND NOT EXISTS (
            SELECT FROM summaries s WHERE s.document_id = d.id)
    """,
    "summarized twice": """
        SELECT count(*) FROM (
            SELECT document_id FROM summaries GROUP BY document_id HAVING count(*) > 1) twice
    """,
    "batches whose counters differ from their documents": """
        SELECT count(*) FROM batches b WHERE b.purged_at IS NULL AND b.completed <> (
            SELECT count(*) FROM documents d WHERE d.batch_id = b.id AND d.status = 'succeeded')
    """,
    "results without a number": """
        SELECT count(*) FROM documents WHERE status NOT IN ('queued', 'running') AND seq IS NULL
    """,
}


def violations(database_url: str, acknowledged: int) -> dict[str, int]:
    """The questions whose answer is not zero; `acknowledged`: documents answered with 202."""
    found: dict[str, int] = {}
    with psycopg.connect(database_url) as connection:
        for question, query in QUESTIONS.items():
            row = connection.execute(query).fetchone()
            if row is not None and row[0]:
                found[question] = row[0]
        row = connection.execute("SELECT count(*) FROM documents").fetchone()
        if row is not None and row[0] != acknowledged:
            found["acknowledged and not there"] = acknowledged - row[0]
    return found
