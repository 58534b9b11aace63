"""Delete a dataset version: its members go, its number and what it was stay."""

from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.tables import DatasetMember, DatasetVersion


def delete_version(session: Session, version: UUID) -> None:
    """Needs a transaction of the tenant. Raises Conflict while it is being made.

    Examples that no version holds any more are deleted by the dispatcher.
    """
    gone = session.execute(
        update(DatasetVersion)
        .where(DatasetVersion.id == version, DatasetVersion.status.in_(("ready", "failed")))
        .values(deleted_at=func.now(), report_sealed=None, page_sealed=None)
        .returning(DatasetVersion.id)
    ).one_or_none()
    if gone is None:
        raise Conflict(
            "The dataset version is being made.",
            code="dataset_not_ready",
            how_to_fix="Wait until it is ready or has failed.",
        )
    session.execute(delete(DatasetMember).where(DatasetMember.version_id == version))
