"""Documents whose worker died: back to the queue or, once too often, to their end.

What a death is and whom it condemns: (c) in `shared/documents/ledger.py`.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.batches.finish import Final, settle

# A lease may have run out while the database was away and nobody could renew it: after its start
# every worker gets a full lease of grace.
_LOST = """
    d.status = 'running' AND d.lease_expires_at < now()
    AND pg_postmaster_start_time() < now() - make_interval(secs => :lease)
"""


def requeue_lost(session: Session, *, lease_seconds: float, max_deaths: int, limit: int) -> int:
    """Documents of dead workers go back to the queue; returns how many."""
    lost = session.execute(
        text(
            f"""
            UPDATE documents d SET
                status = 'queued', worker_id = NULL, lease_expires_at = NULL,
                deaths = d.deaths + 1, deaths_alone = d.deaths_alone + d.alone::int
            WHERE d.id IN (
                SELECT d.id FROM documents d
                WHERE {_LOST} AND d.deaths_alone + d.alone::int < :max_deaths
                ORDER BY d.id LIMIT :limit FOR UPDATE SKIP LOCKED
            )
            RETURNING d.id
            """
        ),
        {"lease": lease_seconds, "max_deaths": max_deaths, "limit": limit},
    )
    return len(lost.all())


def quarantine(session: Session, *, lease_seconds: float, max_deaths: int, limit: int) -> int:
    """Documents that killed their worker once too often fail, alone; returns how many."""
    rows = session.execute(
        text(
            f"""
            SELECT d.id, d.batch_id, d.fence, d.size FROM documents d
            WHERE {_LOST} AND d.deaths_alone + d.alone::int >= :max_deaths
            ORDER BY d.id LIMIT :limit
            """
        ),
        {"lease": lease_seconds, "max_deaths": max_deaths, "limit": limit},
    ).all()
    finals = [
        Final(
            document=row.id,
            batch=row.batch_id,
            size=row.size,
            fence=row.fence,
            was="running",
            status="failed",
            error_code="quarantined",
            error_message="Its worker died each time that it worked on this document alone.",
        )
        for row in rows
    ]
    return len(settle(session, finals))
