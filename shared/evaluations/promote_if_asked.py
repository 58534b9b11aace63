"""After a run's evaluation: what it made goes into production by itself, if that was asked for."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from shared.audit.record import Details, record
from shared.errors import Conflict
from shared.ids import public_id
from shared.registry.kinds import MODELS
from shared.registry.promote import promote
from shared.tables import ModelVersion, TrainingEvent, TrainingRun
from shared.vault import Vault

_DELETED = "trigger"
"""Who acts for a trigger that is there no more."""


def promote_if_asked(session: Session, vault: Vault, run_id: UUID) -> None:
    """Through the gate, and never past it; the audit and the run's events say what came of it.

    Needs a transaction of the tenant in which the run's evaluation is ready.
    """
    run = session.get_one(TrainingRun, run_id)
    version = session.scalar(select(ModelVersion).where(ModelVersion.run_id == run_id))
    if run.promote != "if_gate_passes" or version is None:
        return
    actor = _DELETED if run.trigger_id is None else public_id("trigger", run.trigger_id)
    try:
        with session.begin_nested():
            answer = promote(
                session,
                MODELS,
                tenant=run.tenant_id,
                note_type=run.note_type,
                version=version.number,
                reason=f"{public_id('run', run_id)} was to be promoted if the gate passes.",
                actor=actor,
            )
    except Conflict as refused:
        _say(session, run, "warning", "not_promoted", refused.detail)
    else:
        names = [name for name in (answer.version, answer.before) if name is not None]
        details: Details = {
            "note_type": answer.note_type,
            "serves": answer.version,
            "gate": "passed",
        }
        record(session, vault, run.tenant_id, actor, "model.promote", names, details)
        said = f"{answer.version} passed the gate and is in production."
        _say(session, run, "info", "promoted", said)


def _say(session: Session, run: TrainingRun, level: str, code: str, message: str) -> None:
    session.execute(
        insert(TrainingEvent)
        .inline()
        .values(run_id=run.id, tenant_id=run.tenant_id, level=level, code=code, message=message)
    )
