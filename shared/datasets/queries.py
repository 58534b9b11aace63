"""Read datasets, their versions and members. Needs a transaction of the tenant."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import Conflict, Gone, NotFound
from shared.ids import public_id
from shared.schemas.dataset_reports import Report
from shared.schemas.datasets import (
    Counts,
    DatasetAnswer,
    DatasetError,
    DatasetVersionAnswer,
    DecisionLine,
    Recipe,
)
from shared.tables import Dataset, DatasetMember, DatasetVersion
from shared.vault import TenantVault


def find_version(session: Session, name: str, number: int | None = None) -> DatasetVersion:
    """A version that has been submitted; without a number the newest. Raises NotFound and Gone."""
    query = (
        select(DatasetVersion)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(Dataset.name == name, DatasetVersion.number.is_not(None))
        .order_by(DatasetVersion.number.desc())
        .limit(1)
    )
    if number is None:
        query = query.where(DatasetVersion.deleted_at.is_(None))
    else:
        query = query.where(DatasetVersion.number == number)
    version = session.scalar(query)
    if version is None:
        raise NotFound(
            "There is no such dataset version.", how_to_fix="`epicrisis datasets list` shows them."
        )
    if version.deleted_at is not None:
        raise Gone("The dataset version was deleted.")
    return version


def find_ready(session: Session, reference: str) -> DatasetVersion:
    """The version that `name@3` names. Raises NotFound, Gone, and Conflict unless it is ready."""
    name, _, number = reference.partition("@")
    version = find_version(session, name, int(number))
    if version.status != "ready":
        raise Conflict(
            f"The dataset version is {version.status}.",
            code="dataset_not_ready",
            how_to_fix="Wait until it is ready; `epicrisis datasets show` says what it waits for.",
        )
    return version


def answer_of(
    vault: TenantVault,
    name: str,
    version: DatasetVersion,
    parent: str | None,
    *,
    with_report: bool = True,
) -> DatasetVersionAnswer:
    """`parent`: the name of the version it was derived from. A report quotes rows."""
    error = None
    if version.error_code is not None:
        error = DatasetError(
            code=version.error_code,
            message=version.error_message or "",
            how_to_fix=version.error_fix,
        )
    report = None
    if with_report and version.report_sealed is not None:
        report = Report.model_validate_json(
            vault.open(version.report_sealed, row=version.id, field="report")
        )
    return DatasetVersionAnswer.model_validate(
        {
            "id": public_id("dsv", version.id),
            "name": f"{name}@{version.number}",
            "number": version.number,
            "note_type": version.note_type,
            "status": version.status,
            "step": version.step,
            "percentage_done": _percentage(version),
            "origin": version.origin,
            "licence": version.licence,
            "permitted_use": version.permitted_use,
            "holds_patient_data": version.holds_patient_data,
            "derived_from": parent,
            "recipe": Recipe.model_validate(version.recipe),
            "counts": Counts.model_validate(version.counts),
            "report": report,
            "error": error,
            "created_at": version.created_at,
            "ready_at": version.ready_at,
        }
    )


def name_of(session: Session, version: UUID | None) -> str | None:
    """`visits@2`."""
    if version is None:
        return None
    row = session.execute(
        select(Dataset.name, DatasetVersion.number)
        .join(DatasetVersion, DatasetVersion.dataset_id == Dataset.id)
        .where(DatasetVersion.id == version)
    ).one_or_none()
    return None if row is None else f"{row.name}@{row.number}"


def list_versions(
    session: Session, name: str, *, after: int | None, limit: int
) -> Sequence[DatasetVersion]:
    """Newest first; `after`: below this number. Raises NotFound for a name that there is not."""
    if session.scalar(select(Dataset.id).where(Dataset.name == name)) is None:
        raise NotFound("There is no such dataset.")
    query = (
        select(DatasetVersion)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(
            Dataset.name == name,
            DatasetVersion.number.is_not(None),
            DatasetVersion.deleted_at.is_(None),
        )
        .order_by(DatasetVersion.number.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(DatasetVersion.number < after)
    return session.scalars(query).all()


def list_datasets(
    session: Session, vault: TenantVault, *, after: str | None, limit: int
) -> list[DatasetAnswer]:
    """By name; those of which some version has been submitted."""
    live = DatasetVersion.number.is_not(None) & DatasetVersion.deleted_at.is_(None)
    query = (
        select(Dataset, func.count(), func.max(DatasetVersion.number))
        .join(DatasetVersion, (DatasetVersion.dataset_id == Dataset.id) & live)
        .group_by(Dataset.id)
        .order_by(Dataset.name)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Dataset.name > after)
    answers = []
    for dataset, versions, number in session.execute(query).all():
        newest = find_version(session, dataset.name, number)
        answers.append(
            DatasetAnswer(
                name=dataset.name,
                versions=versions,
                newest=answer_of(
                    vault,
                    dataset.name,
                    newest,
                    name_of(session, newest.derived_from),
                    with_report=False,
                ),
                created_at=dataset.created_at,
            )
        )
    return answers


def read_page(vault: TenantVault, version: DatasetVersion) -> str:
    """The report as HTML. Raises Conflict while there is none."""
    if version.page_sealed is None and version.status == "ready":
        raise Gone("The report quoted a patient whose text has been erased since.")
    if version.page_sealed is None:
        raise Conflict(
            f"The dataset version is {version.status} and has no report.",
            code="dataset_not_ready",
            how_to_fix="Wait until it is ready.",
        )
    return vault.open(version.page_sealed, row=version.id, field="page")


def read_decisions(
    session: Session, version: UUID, *, after: int, limit: int
) -> list[DecisionLine]:
    """A keyset page, by line."""
    rows = session.scalars(
        select(DatasetMember)
        .where(DatasetMember.version_id == version, DatasetMember.line > after)
        .where(DatasetMember.decision.is_not(None))
        .order_by(DatasetMember.line)
        .limit(limit)
    )
    return [DecisionLine.model_validate(row, from_attributes=True) for row in rows]


def _percentage(version: DatasetVersion) -> float | None:
    if version.status != "running" or not version.total:
        return 100.0 if version.status == "ready" else None
    return round(100 * version.done / version.total, 1)
