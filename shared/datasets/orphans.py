"""Examples that no version holds: of deleted versions, and of uploads that came to nothing."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# `seen_at` stands outside as well: it is looked at again where an upload has just taken one in.
_DELETE_SOME = text(
    """
    DELETE FROM examples WHERE seen_at < now() - interval '1 day' AND id IN (
        SELECT e.id FROM examples e
        WHERE e.seen_at < now() - interval '1 day'
          AND NOT EXISTS (SELECT FROM dataset_members m WHERE m.example_id = e.id)
        LIMIT :limit)
    RETURNING id
    """
)


def drop_orphans(session: Session, *, limit: int) -> int:
    """Delete some that nobody has held for a day; returns how many. Needs a tenant's transaction.

    A day, so that a version which is deleted and uploaded anew finds them again.
    """
    return len(session.execute(_DELETE_SOME, {"limit": limit}).all())
