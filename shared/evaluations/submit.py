"""Accept an evaluation: what can be seen to fail is refused now."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared import outbox
from shared.datasets.queries import find_ready
from shared.errors import InvalidInput
from shared.evaluations.choose import usable
from shared.ids import new_id
from shared.messages import EvaluationsQueued
from shared.note_types.queries import load
from shared.prompts.queries import require_prompt
from shared.registry.gate import PRODUCTION
from shared.registry.kinds import MODELS
from shared.registry.queries import find_serving, in_production, name_of
from shared.schemas.evaluations import EvaluationRequest
from shared.tables import DatasetMember, Evaluation


def submit_evaluation(
    session: Session, tenant: UUID, request: EvaluationRequest, *, run: UUID | None = None
) -> Evaluation:
    """The queued evaluation, with production among its candidates whether asked for or not.

    Needs a transaction of the tenant. `run`: whose version it judges. Raises InvalidInput,
    NotFound, Gone and Conflict, before anything is written.
    """
    if request.note_type not in load(session):
        raise InvalidInput(
            "There is no such note type.",
            code="unknown_note_type",
            param="note_type",
            how_to_fix="`epicrisis note-types list` shows them.",
        )
    for candidate in request.candidates:
        _require(session, request.note_type, candidate)
    version = find_ready(session, request.dataset)
    if not session.scalar(select(exists(usable(version.id, request.split)))):
        raise _nothing(session, version.id, request.split)
    production = in_production(session, MODELS, request.note_type)
    evaluation = Evaluation(
        id=new_id(),
        tenant_id=tenant,
        note_type=request.note_type,
        status="queued",
        candidates=_with_production(request.candidates),
        production=None if production is None else name_of(production),
        dataset_version_id=version.id,
        split=request.split,
        limit=request.limit,
        metric=request.metric,
        run_id=run,
    )
    session.add(evaluation)
    session.flush()
    outbox.enqueue(session, EvaluationsQueued())
    return evaluation


def _with_production(candidates: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*candidates, PRODUCTION]))


def _require(session: Session, note_type: str, candidate: str) -> None:
    """Raises InvalidInput for a candidate that cannot summarize the note type."""
    if candidate.startswith("prompts:/"):
        require_prompt(session, candidate, param="candidates")
    if not candidate.startswith("models:/"):
        return
    if candidate.split("/")[1] != note_type:
        raise InvalidInput(
            "A candidate is a model of another note type.",
            code="candidate_of_other_note_type",
            param="candidates",
            how_to_fix=f"Name versions of {note_type}.",
        )
    if find_serving(session, candidate) is None:
        raise InvalidInput(
            "A candidate is not there, or may not serve: withdrawn, or unlike its weights.",
            code="unknown_model_version",
            param="candidates",
            how_to_fix=f"`epicrisis models list {note_type}` shows those that may.",
        )


def _nothing(session: Session, version: UUID, split: str) -> InvalidInput:
    rows = session.execute(
        select(DatasetMember.split, func.count())
        .where(DatasetMember.version_id == version, DatasetMember.decision == "keep")
        .group_by(DatasetMember.split)
        .order_by(DatasetMember.split)
    ).all()
    found = ", ".join(f"{name} {count}" for name, count in rows) or "no row is kept"
    return InvalidInput(
        f"The {split} split has no example that has a target and may be evaluated on ({found}).",
        code="nothing_to_evaluate",
        param="split",
        how_to_fix="Name a split with targets; rows uploaded with permitted_use=none are not read.",
    )
