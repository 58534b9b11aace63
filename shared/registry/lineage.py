"""Whose examples a model version has learned from: its own, its bases' and its teachers'.

A group is in one split in every version of a dataset's name (`DatasetGroup`), which still says so
of rows that were erased, or deleted with their version; where it is not known any more whether a
group's rows were kept, they count as learned from.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import CTE, Select, Text, cast, exists, or_, select
from sqlalchemy.orm import Session, aliased

from shared.registry.queries import name_of
from shared.retention.erase_examples import REASON as ERASED
from shared.tables import DatasetGroup, DatasetMember, DatasetVersion, ModelVersion


def trained_groups(
    session: Session,  # noqa: ARG001 - the select is for its transaction's tenant
    version: UUID,
) -> Select[bytes]:
    """A select of `group_mac`, each once, of all groups that the version was trained on."""
    lineage = _lineage(version)
    ours = DatasetVersion.id.in_(select(lineage.c.dataset_version_id))
    kept = (
        select(DatasetMember.group_mac)
        .join(DatasetVersion, DatasetVersion.id == DatasetMember.version_id)
        .where(ours, DatasetMember.split == "train", DatasetMember.decision == "keep")
        .where(DatasetMember.group_mac.is_not(None))
    )
    erased = exists().where(
        DatasetMember.version_id == DatasetVersion.id,
        DatasetMember.group_mac == DatasetGroup.group_mac,
        DatasetMember.reason == ERASED,
    )
    gone = (
        select(DatasetGroup.group_mac)
        .join(DatasetVersion, DatasetVersion.dataset_id == DatasetGroup.dataset_id)
        .where(ours, DatasetGroup.split == "train")
        .where(or_(DatasetVersion.deleted_at.is_not(None), erased))
    )
    return select(kept.union(gone).subquery().c.group_mac)


def trained_versions(session: Session, version: UUID) -> Sequence[UUID]:
    """The dataset versions that it, its bases and its teachers learned from, each once."""
    return session.scalars(select(_lineage(version).c.dataset_version_id).distinct()).all()


def versions_trained_on(session: Session, group_mac: bytes) -> list[str]:
    """Names of the versions that learned from this group: `models:/visit/3`, oldest first.

    Those that were withdrawn are left out. Needs a transaction of the tenant.
    """
    versions = session.scalars(
        select(ModelVersion)
        .where(ModelVersion.status != "withdrawn")
        .order_by(ModelVersion.note_type, ModelVersion.number)
    ).all()
    return [name_of(one) for one in versions if _learned(session, one.id, group_mac)]


def _learned(session: Session, version: UUID, group_mac: bytes) -> bool:
    groups = trained_groups(session, version).subquery()
    return bool(session.scalar(select(exists().where(groups.c.group_mac == group_mac))))


def _lineage(version: UUID) -> CTE:
    """The version, what it began from, and what wrote targets for it, back to the first."""
    lineage = (
        select(ModelVersion.dataset_version_id, ModelVersion.base_version_id)
        .where(ModelVersion.id == version)
        .cte("lineage", recursive=True)
    )
    earlier = aliased(ModelVersion)
    name = "models:/" + earlier.note_type + "/" + cast(earlier.number, Text)
    teacher = exists().where(
        DatasetMember.version_id == lineage.c.dataset_version_id,
        DatasetMember.kind == "pseudo_labelled",
        DatasetMember.made_by == name,
    )
    return lineage.union(
        select(earlier.dataset_version_id, earlier.base_version_id).join(
            lineage, or_(earlier.id == lineage.c.base_version_id, teacher)
        )
    )
