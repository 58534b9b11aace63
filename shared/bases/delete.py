"""Delete a base that nothing has begun from."""

from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from shared.bases.queries import find_base
from shared.errors import Conflict, NotFound
from shared.tables import Base, ModelVersion, TrainingRun


def delete_base(session: Session, name: str) -> UUID:
    """Its id. Its name is free again; its files stay in the store, where others may share them.

    Raises NotFound, and Conflict for one that runs or model versions name as what they began from.
    """
    base = find_base(session, name)
    if base is None:
        raise NotFound("There is no such base.", how_to_fix="`epicrisis bases list` shows them.")
    used = exists().where(TrainingRun.base_id == base.id) | exists().where(
        ModelVersion.base_id == base.id
    )
    if session.scalar(select(used)):
        raise Conflict(
            "Training runs have begun from this base, and say so.",
            code="base_in_use",
            how_to_fix="Leave it; import another under another name.",
        )
    session.execute(delete(Base).where(Base.id == base.id))
    return base.id
