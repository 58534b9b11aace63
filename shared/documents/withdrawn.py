"""Which models' summaries nobody may rely on any more.

Asked when summaries are read: their sealed bodies stay as they were written, and a tenant has few
withdrawn versions.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

WARNING = "model_withdrawn"
_WITHDRAWN = text(
    """
    SELECT 'models:/' || note_type || '/' || number AS name, withdrawn_at
    FROM model_versions WHERE status = 'withdrawn'
    """
)


def find_withdrawn(session: Session) -> Mapping[str, datetime]:
    """Model version → when it was withdrawn. Needs a transaction of the tenant."""
    return {row.name: row.withdrawn_at for row in session.execute(_WITHDRAWN)}
