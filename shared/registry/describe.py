"""Model versions as the outside sees them. Needs a transaction of the tenant."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.ids import public_id
from shared.note_types.queries import load
from shared.registry.queries import dataset_names, name_of, production_models
from shared.schemas.registry import (
    ModelAnswer,
    ModelManifest,
    ModelVersionAnswer,
    Parity,
)
from shared.tables import ModelVersion, Production, Promotion


def describe_versions(
    session: Session, versions: Sequence[ModelVersion]
) -> list[ModelVersionAnswer]:
    """In the same order, without their cards."""
    datasets = dataset_names(session, versions)
    produced = set(
        session.scalars(select(Production.version_id).where(Production.version_id.is_not(None)))
    )
    return [
        ModelVersionAnswer.model_validate(
            {
                "id": public_id("model", version.id),
                "name": name_of(version),
                "note_type": version.note_type,
                "number": version.number,
                "status": version.status,
                "in_production": version.id in produced,
                "base_model": version.base,
                "method": version.method,
                "dataset": datasets[version.dataset_version_id],
                "run": version.run_id and public_id("run", version.run_id),
                "parameters": version.parameters,
                "digest": version.artifact,
                "manifest": ModelManifest.model_validate(version.manifest),
                "parity": Parity.model_validate(version.parity),
                "created_at": version.created_at,
                "withdrawn_at": version.withdrawn_at,
                "withdrawn_because": version.withdrawn_because,
            }
        )
        for version in versions
    ]


def describe_note_types(session: Session) -> list[ModelAnswer]:
    """Every note type in the order of `note-types list`, then those that only versions know."""
    counted = {
        row.note_type: (row.versions, row.newest)
        for row in session.execute(
            select(
                ModelVersion.note_type,
                func.count().label("versions"),
                func.max(ModelVersion.number).label("newest"),
            ).group_by(ModelVersion.note_type)
        )
    }
    aliases = {
        row.note_type: row
        for row in session.execute(
            select(Production.note_type, Promotion.at, ModelVersion.number)
            .join(Promotion, Promotion.id == Production.promotion_id)
            .outerjoin(ModelVersion, ModelVersion.id == Production.version_id)
        )
    }
    serving = production_models(session)
    known = list(load(session))
    answers = []
    for note_type in [*known, *sorted(counted.keys() - set(known))]:
        versions, newest = counted.get(note_type, (0, None))
        alias = aliases.get(note_type)
        serves = serving.get(note_type)
        answers.append(
            ModelAnswer(
                note_type=note_type,
                serves=None if serves is None else serves.name,
                production=_name(note_type, None if alias is None else alias.number),
                since=None if alias is None else alias.at,
                versions=versions,
                newest=_name(note_type, newest),
            )
        )
    return answers


def _name(note_type: str, number: int | None) -> str | None:
    return None if number is None else f"models:/{note_type}/{number}"
