"""What must hold after any run of faults, asked of the ledger in SQL."""

import psycopg

QUESTIONS = {
    "not in a final state": """
        SELECT count(*) FROM documents WHERE status IN ('queued', 'running')
    """,
    "failed": "SELECT count(*) FROM documents WHERE status = 'failed'",
    "cancelled": "SELECT count(*) FROM documents WHERE status = 'cancelled'",
    "without a current summary": """
        SELECT count(*) FROM documents d WHERE d.status = 'succeeded' AND NOT EXISTS (
            SELECT FROM summaries s WHERE s.document_id = d.id)
    """,
    "summarized twice": """
        SELECT count(*) FROM (
            SELECT document_id FROM summaries GROUP BY document_id HAVING count(*) > 1) twice
    """,
    "summarized though it did not succeed": """
        SELECT count(*) FROM documents d JOIN summaries s ON s.document_id = d.id
        WHERE d.status <> 'succeeded'
    """,
    "batches whose counters differ from their documents": """
        SELECT count(*) FROM batches b WHERE b.purged_at IS NULL AND EXISTS (
            SELECT FROM (
                SELECT count(*) FILTER (WHERE d.status = 'succeeded') AS completed,
                       count(*) FILTER (WHERE d.status = 'failed') AS failed,
                       count(*) FILTER (WHERE d.status = 'rejected') AS rejected,
                       count(*) FILTER (WHERE d.status = 'cancelled') AS cancelled,
                       count(*) FILTER (WHERE d.status = 'expired') AS expired
                FROM documents d WHERE d.batch_id = b.id) found
            WHERE (b.completed, b.failed, b.rejected, b.cancelled, b.expired)
               <> (found.completed, found.failed, found.rejected, found.cancelled, found.expired))
    """,
    "results without a number": """
        SELECT count(*) FROM documents WHERE status NOT IN ('queued', 'running') AND seq IS NULL
    """,
    "results with the number of another": """
        SELECT count(*) FROM (
            SELECT batch_id, seq FROM documents WHERE seq IS NOT NULL
            GROUP BY batch_id, seq HAVING count(*) > 1) twice
    """,
    "died more often than a document may": """
        SELECT count(*) FROM documents WHERE deaths_alone > 3 OR deaths > fence
    """,
    "batches without an end whose documents have one": """
        SELECT count(*) FROM batches b WHERE b.status IN ('in_progress', 'cancelling')
        AND NOT EXISTS (SELECT FROM documents d
                        WHERE d.batch_id = b.id AND d.status IN ('queued', 'running'))
    """,
}


def violations(
    database_url: str, acknowledged: int, *, failed: int = 0, cancelled: int = 0
) -> dict[str, int]:
    """The questions whose answer is not what it must be: zero, unless said otherwise.

    `acknowledged`: documents answered with 202. `failed`, `cancelled`: so many of them are meant
    to end so; it is the difference that counts.
    """
    meant = {"failed": failed, "cancelled": cancelled}
    found: dict[str, int] = {}
    with psycopg.connect(database_url) as connection:
        for question, query in QUESTIONS.items():
            row = connection.execute(query).fetchone()
            assert row is not None
            if difference := abs(row[0] - meant.get(question, 0)):
                found[question] = difference
        row = connection.execute("SELECT count(*) FROM documents").fetchone()
        assert row is not None
        if row[0] < acknowledged:
            found["acknowledged and not there"] = acknowledged - row[0]
        elif row[0] > acknowledged:
            found["there and not acknowledged"] = row[0] - acknowledged
    return found
