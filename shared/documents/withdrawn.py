"""Which models' summaries nobody may rely on any more.

Asked when summaries are read: their sealed bodies stay as they were written, and a tenant has few
withdrawn versions.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, text
from sqlalchemy.orm import Session

from shared.tables import Summary

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


def is_of_withdrawn(session: Session) -> ColumnElement[bool]:
    """Whether a row of `summaries` is one of theirs, as of now. Needs a transaction of the tenant.

    Their names are few, and stand in the query: a planner could turn a join into a whole scan.
    """
    names = list(find_withdrawn(session))
    return Summary.model_version.is_not(None) & Summary.model_version.in_(names)
