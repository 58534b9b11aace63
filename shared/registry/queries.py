"""Read model versions and what serves. Needs a transaction of the tenant."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.registry.kinds import MODELS, Kind, V
from shared.schemas.registry import ModelManifest, Parity
from shared.schemas.summaries import MODEL_VERSION
from shared.tables import Dataset, DatasetVersion, ModelVersion, Production
from shared.tables.registry import Version


@dataclass(frozen=True, slots=True)
class ServingVersion:
    """What an engine needs to know of a version that may serve."""

    id: UUID
    name: str
    """`models:/discharge/3`"""
    artifact: str
    manifest: ModelManifest
    parity: Parity


def production_models(session: Session) -> dict[str, ServingVersion]:
    """Note type → what serves it; a note type that the prompt serves is left out."""
    query = (
        select(ModelVersion)
        .join(Production, Production.version_id == ModelVersion.id)
        .where(MODELS.may_serve())
    )
    return {version.note_type: _serving(version) for version in session.scalars(query)}


def find_serving(session: Session, name: str) -> ServingVersion | None:
    """The version of that name, for `model_version` overrides; None unless it may serve."""
    named = _split_name(name)
    if named is None:
        return None
    note_type, number = named
    version = session.scalar(
        select(ModelVersion).where(
            ModelVersion.note_type == note_type, ModelVersion.number == number, MODELS.may_serve()
        )
    )
    return None if version is None else _serving(version)


def find_version(session: Session, kind: Kind[V], note_type: str, number: int) -> V:
    """As it is now, also if the session has met it before. Raises NotFound."""
    version = session.scalar(
        select(kind.versions)
        .where(kind.versions.note_type == note_type, kind.versions.number == number)
        .execution_options(populate_existing=True)
    )
    if version is None:
        raise NotFound(
            f"There is no such {kind.what}.",
            how_to_fix=f"`epicrisis {kind.command} list {note_type}` shows them.",
        )
    return version


def find_named(session: Session, name: str) -> ModelVersion | None:
    """The version of that name, whatever its status."""
    named = _split_name(name)
    if named is None:
        return None
    return session.scalar(
        select(ModelVersion).where(
            ModelVersion.note_type == named[0], ModelVersion.number == named[1]
        )
    )


def list_versions(
    session: Session, kind: Kind[V], note_type: str, *, after: int | None, limit: int
) -> Sequence[V]:
    """Newest first; `after`: below this number."""
    query = (
        select(kind.versions)
        .where(kind.versions.note_type == note_type)
        .order_by(kind.versions.number.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(kind.versions.number < after)
    return session.scalars(query).all()


def in_production(session: Session, kind: Kind[V], note_type: str) -> V | None:
    """What the alias points at."""
    return session.scalar(
        select(kind.versions)
        .join(kind.aliases, kind.aliases.version_id == kind.versions.id)
        .where(kind.aliases.note_type == note_type)
    )


def name_of(version: Version) -> str:
    """As `models:/discharge/3`."""
    return f"{version.PREFIX}:/{version.note_type}/{version.number}"


def names_of(
    session: Session, kind: Kind[V], versions: Iterable[UUID | None]
) -> Mapping[UUID, str]:
    wanted = {version for version in versions if version is not None}
    if not wanted:
        return {}
    rows = session.scalars(select(kind.versions).where(kind.versions.id.in_(wanted)))
    return {version.id: name_of(version) for version in rows}


def dataset_names(session: Session, versions: Iterable[ModelVersion]) -> Mapping[UUID, str]:
    """Dataset version → `visits@3`, also of versions whose rows were deleted since."""
    rows = session.execute(
        select(DatasetVersion.id, Dataset.name, DatasetVersion.number)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(DatasetVersion.id.in_({version.dataset_version_id for version in versions}))
    )
    return {row.id: f"{row.name}@{row.number}" for row in rows}


def _split_name(name: str) -> tuple[str, int] | None:
    if re.match(MODEL_VERSION, name) is None:
        return None
    _, note_type, number = name.split("/")
    return note_type, int(number)


def _serving(version: ModelVersion) -> ServingVersion:
    return ServingVersion(
        version.id,
        name_of(version),
        version.artifact,
        ModelManifest.model_validate(version.manifest),
        Parity.model_validate(version.parity),
    )
