"""A dataset's newest version with all that reviewers have accepted and edited since."""

from uuid import UUID

from sqlalchemy import case, func, insert, literal, null, select
from sqlalchemy.orm import Session

from shared.datasets.add import Provenance, begin_version, submit_version
from shared.datasets.collect import add_reviews, collect_reviews
from shared.schemas.datasets import MADE, DeriveRequest, Recipe
from shared.tables import Dataset, DatasetMember, DatasetVersion
from shared.vault import TenantVault

_GIVEN_ANEW = ("reviewed", *MADE)
"""Kinds that are not copied: the reviews as they are now come in their place."""


def extend_with_reviews(session: Session, vault: TenantVault, name: str, note_type: str) -> UUID:
    """The id of the new version, which is queued; of the reviews alone where none is ready yet.

    Needs a transaction of the vault's tenant. Raises InvalidInput where nobody has reviewed any.
    """
    parent = _newest_ready(session, name)
    if parent is None:
        request = DeriveRequest.model_validate({"from": "reviews", "note_type": note_type})
        number = collect_reviews(session, vault, name, request)
        return _find(session, name, number)
    provenance = Provenance(
        parent.note_type,
        parent.origin,
        parent.licence,
        parent.permitted_use,  # type: ignore[arg-type] # one of the literals, by its schema
        # Reviewed summaries are of patients, whatever the rest is.
        holds_patient_data=True,
    )
    recipe = Recipe.model_validate(parent.recipe)
    version = begin_version(session, vault.tenant, name, provenance, recipe, parent.id)
    _copy(session, parent.id, version)
    add_reviews(session, vault, version, note_type, line=_last_line(session, parent.id))
    submit_version(session, version)
    return version


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


def _copy(session: Session, parent: UUID, version: UUID) -> None:
    """Rows as they came in, to be curated and split again; a rejected one stays so."""
    member = DatasetMember
    rejected = member.decision == "reject"
    kept = {
        "version_id": literal(version),
        **{
            name: getattr(member, name)
            for name in (
                *("line", "tenant_id", "example_id", "note_type", "group_mac", "metadata_sealed"),
                *("permitted_use", "asked_split", "kind", "parent_line", "made_by"),
            )
        },
        **{
            name: case((rejected, getattr(member, name)), else_=null())
            for name in ("decision", "reason", "detail")
        },
    }
    session.execute(
        insert(member).from_select(
            list(kept),
            select(*kept.values()).where(
                member.version_id == parent, member.kind.not_in(_GIVEN_ANEW)
            ),
        )
    )


def _last_line(session: Session, version: UUID) -> int:
    last = session.scalar(
        select(func.max(DatasetMember.line)).where(DatasetMember.version_id == version)
    )
    return last or 0


def _find(session: Session, name: str, number: int) -> UUID:
    return session.scalars(
        select(DatasetVersion.id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(Dataset.name == name, DatasetVersion.number == number)
    ).one()
