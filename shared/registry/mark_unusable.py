"""A version whose files, or whose fast form, are not what they were: it serves no more.

The alias stays where it is, so that the history says what people decided; claims that begin from
then on do without the version, as if nothing were in production.
"""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.tables import ModelVersion


def mark_unusable(session: Session, version: UUID) -> None:
    """One that is withdrawn stays so. Needs a transaction of the tenant."""
    session.execute(
        update(ModelVersion)
        .where(ModelVersion.id == version, ModelVersion.status == "ready")
        .values(status="unusable")
    )
