"""Read evaluations. Needs a transaction of the tenant."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.ids import parse_id, public_id
from shared.schemas.evaluations import Case, Cases, EvaluationAnswer
from shared.schemas.training import JobError
from shared.tables import Dataset, DatasetVersion, Evaluation
from shared.vault import TenantVault


def find_evaluation(session: Session, name: str) -> Evaluation:
    """By its public id. Raises NotFound."""
    found = session.get(Evaluation, parse_id("eval", name))
    if found is None:
        raise NotFound("There is no such evaluation.")
    return found


def list_evaluations(
    session: Session, *, note_type: str | None, after: str | None, limit: int
) -> Sequence[Evaluation]:
    """Newest first, past the evaluation `after`."""
    query = select(Evaluation).order_by(Evaluation.id.desc()).limit(limit)
    if note_type is not None:
        query = query.where(Evaluation.note_type == note_type)
    if after is not None:
        query = query.where(Evaluation.id < parse_id("eval", after))
    return session.scalars(query).all()


def answers_of(
    session: Session, evaluations: Sequence[Evaluation], *, cases: list[Case] | None = None
) -> list[EvaluationAnswer]:
    """`cases` quote examples: of one evaluation, for whom they may be shown to."""
    names = _datasets(session, {one.dataset_version_id for one in evaluations})
    return [
        EvaluationAnswer.model_validate(
            {
                "id": public_id("eval", one.id),
                "status": one.status,
                "note_type": one.note_type,
                "candidates": one.candidates,
                "production": one.production,
                "dataset": names[one.dataset_version_id],
                "split": one.split,
                "limit": one.limit,
                "metric": one.metric,
                "run": one.run_id and public_id("run", one.run_id),
                "step": one.step,
                "percentage_done": _percentage(one),
                "batches": {
                    candidate: public_id("batch", UUID(batch))
                    for candidate, batch in one.batches.items()
                },
                "figures": one.figures,
                "cases": cases,
                "error": _error(one),
                "created_at": one.created_at,
                "ready_at": one.ready_at,
            }
        )
        for one in evaluations
    ]


def read_cases(vault: TenantVault, evaluation: Evaluation) -> list[Case] | None:
    """None while there are none, and where one of them quoted a patient erased since."""
    if evaluation.cases_sealed is None:
        return None
    opened = vault.open(evaluation.cases_sealed, row=evaluation.id, field="cases")
    return Cases.model_validate_json(opened).cases


def _datasets(session: Session, versions: set[UUID]) -> Mapping[UUID, str]:
    rows = session.execute(
        select(DatasetVersion.id, Dataset.name, DatasetVersion.number)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(DatasetVersion.id.in_(versions))
    )
    return {row.id: f"{row.name}@{row.number}" for row in rows}


def _error(evaluation: Evaluation) -> JobError | None:
    if evaluation.error_code is None:
        return None
    return JobError(
        code=evaluation.error_code,
        message=evaluation.error_message or "",
        how_to_fix=evaluation.error_fix,
    )


def _percentage(evaluation: Evaluation) -> float | None:
    """Of the step that is being done."""
    if evaluation.status in ("ready", "failed") or not evaluation.total:
        return 100.0 if evaluation.status == "ready" else None
    return round(100 * min(1.0, evaluation.done / evaluation.total), 1)
