"""Which examples an evaluation is of: the same for every candidate, and for later evaluations.

Groups that a candidate has learned from say nothing of how it does on others; they are left out and
counted. Example ids are the beginnings of keyed digests, so that their order is one of chance, and
fixed: a smaller `limit` takes a part of what a greater one takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.registry.lineage import trained_groups
from shared.tables import DatasetMember, Example


@dataclass(frozen=True, slots=True)
class Choice:
    """`lines` of the dataset version, ascending; `excluded`: examples of learned groups."""

    lines: list[int]
    excluded: int


def choose(
    session: Session,
    version: UUID,
    split: str,
    *,
    limit: int | None,
    models: Sequence[UUID],
) -> Choice:
    """Of a dataset version's split, for candidates among which are these model versions.

    An example that stands on several lines is taken once. Needs a transaction of the tenant.
    """
    member = DatasetMember
    once = (
        usable(version, split)
        .with_only_columns(member.example_id, member.line, member.group_mac)
        .ext(distinct_on(member.example_id))
        .order_by(member.example_id, member.line)
        .subquery()
    )
    if not models:
        lines = session.scalars(select(once.c.line).order_by(once.c.example_id).limit(limit))
        return Choice(sorted(lines), 0)
    learned = or_(*(once.c.group_mac.in_(trained_groups(session, model)) for model in models))
    unseen = or_(once.c.group_mac.is_(None), ~learned)
    lines = session.scalars(
        select(once.c.line).where(unseen).order_by(once.c.example_id).limit(limit)
    )
    excluded = session.scalar(select(func.count()).select_from(once).where(learned))
    return Choice(sorted(lines), excluded or 0)


def usable(version: UUID, split: str) -> Select[int]:
    """Lines that are kept, have a target and may be evaluated on."""
    return (
        select(DatasetMember.line)
        .join(Example, Example.id == DatasetMember.example_id)
        .where(DatasetMember.version_id == version, DatasetMember.split == split)
        .where(DatasetMember.decision == "keep")
        .where(DatasetMember.permitted_use.in_(("training", "evaluation")))
        .where(Example.erased_at.is_(None), Example.target_sealed.is_not(None))
    )
