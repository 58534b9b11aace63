"""Count a version's rows by what became of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from shared.schemas.datasets import Counts
from shared.tables import DatasetMember, Example


def count_members(session: Session, version: UUID) -> Counts:
    """In two passes over the members, none over their text."""
    member = DatasetMember
    kept = member.decision == "keep"
    row = session.execute(
        select(
            func.count().label("rows"),
            func.count().filter(kept).label("kept"),
            func.count().filter(member.decision == "drop").label("dropped"),
            func.count().filter(member.decision == "reject").label("rejected"),
            func.count().filter(kept, func.cardinality(member.findings) > 0).label("flagged"),
            func.count().filter(kept, member.kind == "augmented").label("augmented"),
            func.count().filter(kept, member.kind == "pseudo_labelled").label("pseudo_labelled"),
            func.count().filter(kept, Example.target_length == 0).label("without_target"),
        )
        .outerjoin(Example, Example.id == member.example_id)
        .where(member.version_id == version)
    ).one()
    return Counts(
        **row._mapping,  # noqa: SLF001 - a row's public name for its dictionary
        splits=_tally(session, version, member.split, kept & member.split.is_not(None)),
        reasons=_tally(session, version, func.unnest(member.findings), member.line > 0),
    )


def _tally(
    session: Session, version: UUID, of: SQLColumnExpression[Any], where: ColumnElement[bool]
) -> dict[Any, int]:
    label: Label[Any] = of.label("label")
    rows = session.execute(
        select(label, func.count())
        .where(DatasetMember.version_id == version, where)
        .group_by(label)
        .order_by(label)
    )
    return {row.label: row[1] for row in rows}
