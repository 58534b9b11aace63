"""Register what a run made as the next version of its note type."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.ids import new_id
from shared.schemas.registry import ModelManifest, Parity
from shared.tables import ModelVersion, TrainingRun


def register_version(  # noqa: PLR0913 - what a version consists of
    session: Session,
    run: TrainingRun,
    *,
    artifact: str,
    manifest: ModelManifest,
    parity: Parity,
    parameters: int,
) -> ModelVersion:
    """The version; a run has one, however often this is called. Needs a transaction of the tenant.

    `artifact`: digest of files that are in the store already. Numbers are given one after the
    other: whoever asks at the same time waits for this transaction to end.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_name(run), 0))))
    before = session.scalar(select(ModelVersion).where(ModelVersion.run_id == run.id))
    if before is not None:
        return before
    version = ModelVersion(
        id=new_id(),
        tenant_id=run.tenant_id,
        note_type=run.note_type,
        number=_next_number(session, run.note_type),
        run_id=run.id,
        dataset_version_id=run.dataset_version_id,
        base=run.base,
        base_id=run.base_id,
        base_version_id=run.base_version_id,
        method=run.method,
        artifact=artifact,
        manifest=manifest.model_dump(mode="json"),
        parameters=parameters,
        parity=parity.model_dump(mode="json"),
        status="ready",
    )
    session.add(version)
    session.flush()
    return version


def _next_number(session: Session, note_type: str) -> int:
    highest = session.scalar(
        select(func.max(ModelVersion.number)).where(ModelVersion.note_type == note_type)
    )
    return (highest or 0) + 1


def _name(run: TrainingRun) -> str:
    return f"model_versions {run.tenant_id} {run.note_type}"
