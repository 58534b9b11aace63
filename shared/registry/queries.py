"""Read model versions and what serves. Needs a transaction of the tenant."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.schemas.registry import ModelManifest, Parity
from shared.schemas.summaries import MODEL_VERSION
from shared.tables import Dataset, DatasetVersion, ModelVersion, Production


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
        .where(may_serve())
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
            ModelVersion.note_type == note_type, ModelVersion.number == number, may_serve()
        )
    )
    return None if version is None else _serving(version)


def may_serve() -> ColumnElement[bool]:
    """Neither withdrawn nor unusable, and its fast form says what its weights say."""
    return and_(ModelVersion.status == "ready", ModelVersion.parity["passed"].as_boolean())


def find_version(session: Session, note_type: str, number: int) -> ModelVersion:
    """As it is now, also if the session has met it before. Raises NotFound."""
    version = session.scalar(
        select(ModelVersion)
        .where(ModelVersion.note_type == note_type, ModelVersion.number == number)
        .execution_options(populate_existing=True)
    )
    if version is None:
        raise NotFound(
            "There is no such model version.", how_to_fix="`epicrisis models list` shows them."
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
    session: Session, note_type: str, *, after: int | None, limit: int
) -> Sequence[ModelVersion]:
    """Newest first; `after`: below this number."""
    query = (
        select(ModelVersion)
        .where(ModelVersion.note_type == note_type)
        .order_by(ModelVersion.number.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(ModelVersion.number < after)
    return session.scalars(query).all()


def in_production(session: Session, note_type: str) -> ModelVersion | None:
    """What the alias points at; None: the prompt."""
    return session.scalar(
        select(ModelVersion)
        .join(Production, Production.version_id == ModelVersion.id)
        .where(Production.note_type == note_type)
    )


def name_of(version: ModelVersion) -> str:
    """As `models:/discharge/3`."""
    return f"models:/{version.note_type}/{version.number}"


def names_of(session: Session, versions: Iterable[UUID | None]) -> Mapping[UUID, str]:
    wanted = {version for version in versions if version is not None}
    if not wanted:
        return {}
    rows = session.scalars(select(ModelVersion).where(ModelVersion.id.in_(wanted)))
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
