"""Accept a training run: what can be seen to fail is refused now, with figures."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import outbox
from shared.bases.queries import find_base
from shared.bases.request import name_of, request_base
from shared.datasets.queries import find_ready, find_version
from shared.errors import Conflict, InvalidInput
from shared.ids import new_id
from shared.messages import TrainingQueued
from shared.note_types.queries import load
from shared.registry.queries import find_named
from shared.registry.queries import name_of as version_name
from shared.schemas.training import BaseRequest, Promote, TrainingRequest
from shared.tables import Base, DatasetMember, DatasetVersion, Example, ModelVersion, TrainingRun


def submit_run(  # noqa: PLR0913 - a run and its cause
    session: Session,
    tenant: UUID,
    request: TrainingRequest,
    *,
    default_base: str | None,
    trigger: UUID | None = None,
    slot: str | None = None,
    promote: Promote = "never",
) -> TrainingRun:
    """The queued run. Needs a transaction of the tenant; `default_base`: of a run that names none.

    Raises InvalidInput, NotFound, Gone and Conflict, before anything is written.
    """
    if request.note_type not in load(session):
        raise InvalidInput(
            "There is no such note type.",
            code="unknown_note_type",
            param="note_type",
            how_to_fix="`epicrisis note-types list` shows them.",
        )
    version = _dataset(session, request.dataset)
    refuse_unusable(usable_examples(session, version.id))
    base = _base(session, tenant, request.base_model, default_base)
    run = TrainingRun(
        id=new_id(),
        tenant_id=tenant,
        note_type=request.note_type,
        status="queued",
        dataset_version_id=version.id,
        base=base.name if isinstance(base, Base) else version_name(base),
        base_id=base.id if isinstance(base, Base) else None,
        base_version_id=base.id if isinstance(base, ModelVersion) else None,
        method=request.method,
        hyperparameters=request.hyperparameters.model_dump(mode="json", exclude_unset=True),
        allow_leakage=request.allow_leakage,
        seed=request.seed,
        trigger_id=trigger,
        slot=slot,
        promote=promote,
    )
    session.add(run)
    session.flush()
    outbox.enqueue(session, TrainingQueued())
    return run


def usable_examples(session: Session, version: UUID) -> dict[str, tuple[int, int]]:
    """Split → (examples with a target, those of them that may be trained on)."""
    rows = session.execute(
        select(
            DatasetMember.split,
            func.count(),
            func.count().filter(DatasetMember.permitted_use == "training"),
        )
        .join(Example, Example.id == DatasetMember.example_id)
        .where(DatasetMember.version_id == version, DatasetMember.decision == "keep")
        .where(Example.erased_at.is_(None), Example.target_sealed.is_not(None))
        .group_by(DatasetMember.split)
    ).all()
    return {split: (kept, permitted) for split, kept, permitted in rows if split is not None}


def refuse_unusable(usable: dict[str, tuple[int, int]]) -> None:
    """Raises Conflict for a version without examples to learn from, or to measure against."""
    for split in ("train", "validation"):
        kept, permitted = usable.get(split, (0, 0))
        if permitted:
            continue
        if kept:
            raise Conflict(
                f"None of the {kept} examples of the {split} split may be trained on.",
                code="not_permitted_for_training",
                param="dataset",
                how_to_fix="Upload them with `permitted_use=training`, if their owner allows it.",
            )
        found = ", ".join(f"{name} {count}" for name, (count, _) in sorted(usable.items()))
        raise Conflict(
            f"The {split} split has no example with a target ({found or 'no split has any'}).",
            code=f"empty_{split}_split",
            param="dataset",
            how_to_fix="Derive a version with other `shares`, or add examples.",
        )


def _dataset(session: Session, reference: str) -> DatasetVersion:
    if "@" not in reference:
        reference = f"{reference}@{find_version(session, reference).number}"
    return find_ready(session, reference)


def _base(
    session: Session, tenant: UUID, asked: str | None, default: str | None
) -> Base | ModelVersion:
    if asked is not None and asked.startswith("models:/"):
        return _version(session, asked)
    own = None if default is None else name_of(default)
    name = asked or own
    base = None if name is None else find_base(session, name)
    if default is not None and name == own and (base is None or base.status == "failed"):
        # Nobody has imported it yet, or that failed: the run waits for it.
        base = request_base(session, tenant, BaseRequest(source=default))
    if name is None:
        raise InvalidInput(
            "No base is named, and there is no default.",
            code="no_base",
            param="base_model",
            how_to_fix="Name an imported base, or set EPICRISIS_BASE_MODEL.",
        )
    if base is None:
        raise InvalidInput(
            "There is no such base.",
            code="unknown_base",
            param="base_model",
            how_to_fix="`epicrisis bases import DIR_OR_ID` imports one; `bases list` shows them.",
        )
    if base.status == "failed":
        raise Conflict(
            f"The base was not imported: {base.error_message}",
            code="base_failed",
            param="base_model",
            how_to_fix=base.error_fix,
        )
    return base


def _version(session: Session, name: str) -> ModelVersion:
    version = find_named(session, name)
    if version is None:
        raise InvalidInput(
            "There is no such model version.",
            code="unknown_base",
            param="base_model",
            how_to_fix="`epicrisis models list` shows them.",
        )
    if version.status != "ready":
        raise Conflict(
            f"The model version is {version.status}.",
            code="base_unusable",
            param="base_model",
            how_to_fix="Begin from another version, or from a base.",
        )
    return version
