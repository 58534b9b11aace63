"""Versions of what reviewers have accepted and edited: alone, or beside a dataset's own rows.

They are queued without a row: whoever makes them collects the rows, as `collect.py` says.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.datasets.add import Provenance, begin_version, queue_version
from shared.datasets.collect import has_reviews
from shared.errors import InvalidInput
from shared.schemas.datasets import Curation, DeriveRequest, Recipe, SplitShares
from shared.tables import Dataset, DatasetVersion

REVIEWS = "reviews"
"""What a request derives from where it means these."""
_ORIGIN = "reviewed summaries"


def submit_reviews(session: Session, tenant: UUID, name: str, request: DeriveRequest) -> int:
    """The number of a new version of reviews alone. Needs a transaction of the tenant.

    Raises InvalidInput where nobody has accepted or edited a summary of the note type.
    """
    if request.note_type is None:
        raise InvalidInput(
            "A version of reviews is of one note type.",
            code="missing_note_type",
            param="note_type",
            how_to_fix="Name the note type whose reviewed summaries are wanted.",
        )
    if request.overrule:
        raise InvalidInput(
            "The lines of a version of reviews are not known before it is made.",
            code="unknown_line",
            param="overrule",
            how_to_fix="Make the version, then derive from it.",
        )
    if not has_reviews(session, request.note_type):
        raise InvalidInput(
            "No summary of this note type has been accepted or edited.",
            code="no_reviews",
            how_to_fix="`epicrisis review next` offers summaries to review.",
        )
    recipe = Recipe(
        reviews=request.note_type,
        curation=request.curation or Curation(),
        augment=request.augment,
        shares=request.shares or SplitShares(),
        allow_leakage=request.allow_leakage,
    )
    version = _begin_alone(session, tenant, name, recipe, request.note_type)
    return queue_version(session, version)


def extend_with_reviews(session: Session, tenant: UUID, name: str, note_type: str) -> UUID:
    """The id of a new version: the newest one's rows, and all that has been reviewed by now.

    Of the reviews alone where none is ready yet. Needs a transaction of the tenant.
    """
    parent = _newest_ready(session, name)
    if parent is None:
        version = _begin_alone(session, tenant, name, Recipe(reviews=note_type), note_type)
    else:
        provenance = Provenance(
            parent.note_type,
            parent.origin,
            parent.licence,
            parent.permitted_use,  # type: ignore[arg-type] # one of the literals, by its schema
            # Reviewed summaries are of patients, whatever the rest is.
            holds_patient_data=True,
        )
        recipe = Recipe.model_validate(parent.recipe | {"reviews": note_type})
        version = begin_version(session, tenant, name, provenance, recipe, parent.id)
    queue_version(session, version)
    return version


def _begin_alone(session: Session, tenant: UUID, name: str, recipe: Recipe, note_type: str) -> UUID:
    provenance = Provenance(note_type, _ORIGIN, None, "training", holds_patient_data=True)
    return begin_version(session, tenant, name, provenance, recipe)


def _newest_ready(session: Session, name: str) -> DatasetVersion | None:
    return session.scalar(
        select(DatasetVersion)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(
            Dataset.name == name,
            DatasetVersion.status == "ready",
            DatasetVersion.deleted_at.is_(None),
        )
        .order_by(DatasetVersion.number.desc())
        .limit(1)
    )
