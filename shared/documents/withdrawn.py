"""Which models' and prompts' summaries nobody may rely on any more.

Asked when summaries are read: their sealed bodies stay as they were written, and a tenant has few
withdrawn versions.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, func, text
from sqlalchemy.orm import Session

from shared.tables import Summary

_WITHDRAWN = text(
    """
    SELECT 'models:/' || note_type || '/' || number AS name, withdrawn_at
    FROM model_versions WHERE status = 'withdrawn'
    UNION ALL
    SELECT 'prompts:/' || note_type || '/' || number, withdrawn_at
    FROM prompt_versions WHERE status = 'withdrawn'
    """
)


def find_recall(
    withdrawn: Mapping[str, datetime], summary: Summary
) -> tuple[str, datetime] | tuple[None, None]:
    """The warning and the time, if the summary's model or prompt was withdrawn."""
    for warning, name in (
        ("model_withdrawn", summary.model_version),
        ("prompt_withdrawn", summary.prompt_version),
    ):
        if name is not None and name in withdrawn:
            return warning, withdrawn[name]
    return None, None


def find_withdrawn(session: Session) -> Mapping[str, datetime]:
    """Version → when it was withdrawn. Needs a transaction of the tenant."""
    return {row.name: row.withdrawn_at for row in session.execute(_WITHDRAWN)}


def is_of_withdrawn(session: Session) -> ColumnElement[bool]:
    """Whether a row of `summaries` is one of theirs, as of now. Needs a transaction of the tenant.

    Their names are few, and stand in the query: a planner could turn a join into a whole scan.
    """
    names = list(find_withdrawn(session))
    return func.coalesce(Summary.model_version.in_(names), False) | func.coalesce(
        Summary.prompt_version.in_(names), False
    )
