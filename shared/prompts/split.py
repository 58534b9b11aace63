"""Divide the documents of a note type among prompt versions, and say which one does better.

Needs a transaction of the tenant. No references are at hand for what is summarized every day, so
that sides are compared by their `clean` summaries: those without a finding of the checks.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Float, case, cast, func, select
from sqlalchemy.orm import Session

from shared.errors import Conflict, InvalidInput, NotFound
from shared.ids import new_id, public_id
from shared.prompts.queries import require_prompt
from shared.schemas.evaluations import Estimate
from shared.schemas.prompts import Arm, ArmFigures, SplitAnswer, SplitFigures, SplitRequest
from shared.scoring.confidence import difference_at_any_time
from shared.tables import PromptSplit, Summary

LEAST = 50
"""Documents of each side before anything is decided: intervals are good for large numbers."""


class _Counted(NamedTuple):
    documents: int
    clean: float
    by_prompt: float
    accepted: int
    edited: int
    rejected: int
    output_tokens: float

    @property
    def moments(self) -> tuple[int, float, float]:
        """Count, mean and variance of being clean."""
        return self.documents, self.clean, self.clean * (1 - self.clean)


def start_split(
    session: Session, tenant: UUID, note_type: str, request: SplitRequest, actor: str
) -> PromptSplit:
    """Raises InvalidInput for versions that are not there, Conflict while another one runs."""
    numbers = [arm.version for arm in request.arms]
    if len(set(numbers)) < len(numbers):
        raise InvalidInput("A version is named twice.", code="arm_named_twice", param="arms")
    for number in numbers:
        require_prompt(session, f"prompts:/{note_type}/{number}", param="arms")
    if find_running(session, note_type) is not None:
        raise Conflict(
            "A split of this note type runs already.",
            code="split_running",
            how_to_fix=f"Stop it first: epicrisis prompts split {note_type} --stop",
        )
    split = PromptSplit(
        id=new_id(),
        tenant_id=tenant,
        note_type=note_type,
        arms=[arm.model_dump() for arm in request.arms],
        reason=request.reason,
        started_by=actor,
    )
    session.add(split)
    session.flush()
    return split


def stop_split(session: Session, split: PromptSplit, because: str) -> None:
    """From the next claims on the prompt in production serves."""
    split.outcome = measure_split(session, split).model_dump(mode="json")
    split.stopped_at = datetime.now(UTC)
    split.stopped_because = because
    session.flush()


def stop_without(session: Session, note_type: str, number: int) -> None:
    """Stop the split that runs if one of its sides is this version."""
    split = find_running(session, note_type)
    if split is not None and any(arm["version"] == number for arm in split.arms):
        stop_split(session, split, f"Version {number} was withdrawn.")


def find_running(session: Session, note_type: str) -> PromptSplit | None:
    """Locked, so that it is stopped once."""
    return session.scalar(
        select(PromptSplit)
        .where(PromptSplit.note_type == note_type, PromptSplit.stopped_at.is_(None))
        .with_for_update()
    )


def newest_split(session: Session, note_type: str) -> PromptSplit:
    """The one that runs, else the last one. Raises NotFound."""
    found = session.scalar(
        select(PromptSplit)
        .where(PromptSplit.note_type == note_type)
        .order_by(PromptSplit.id.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound(
            "There has been no split of this note type.",
            how_to_fix=f"epicrisis prompts split {note_type} 1=80 2=20 --reason …",
        )
    return found


def describe_split(session: Session, split: PromptSplit) -> SplitAnswer:
    """Its figures are of now, of one that has stopped as they stood then."""
    figures = (
        measure_split(session, split)
        if split.outcome is None
        else SplitFigures.model_validate(split.outcome)
    )
    return SplitAnswer(
        id=public_id("split", split.id),
        note_type=split.note_type,
        status="running" if split.stopped_at is None else "stopped",
        reason=split.reason,
        started_by=split.started_by,
        started_at=split.started_at,
        stopped_at=split.stopped_at,
        stopped_because=split.stopped_because,
        figures=figures,
    )


def measure_split(session: Session, split: PromptSplit) -> SplitFigures:
    """All summaries of its documents, by side; what was summarized elsewhere says nothing of it."""
    counted = _counted(session, split)
    arms = [Arm.model_validate(arm) for arm in split.arms]
    none = _Counted(0, 0.0, 0.0, 0, 0, 0, 0.0)
    by_arm = {arm.version: counted.get(arm.version, none) for arm in arms}
    best, second = sorted(by_arm, key=lambda version: -by_arm[version].clean)[:2]
    found = difference_at_any_time(by_arm[best].moments, by_arm[second].moments)
    enough = all(one.documents >= LEAST for one in by_arm.values())
    name = f"prompts:/{split.note_type}/"
    return SplitFigures(
        arms=[_figures(f"{name}{arm.version}", arm.weight, by_arm[arm.version]) for arm in arms],
        difference=None
        if found is None
        else Estimate(value=found.value, low=found.low, high=found.high),
        better=f"{name}{best}" if found is not None and enough and found.low > 0 else None,
    )


def _figures(name: str, weight: int, one: _Counted) -> ArmFigures:
    known = one.documents > 0
    alone = difference_at_any_time(one.moments, (one.documents, 0.0, 0.0))
    return ArmFigures(
        version=name,
        weight=weight,
        documents=one.documents,
        clean=None
        if alone is None
        else Estimate(value=alone.value, low=max(alone.low, 0.0), high=min(alone.high, 1.0)),
        prompt=round(one.by_prompt, 4) if known else None,
        accepted=one.accepted,
        edited=one.edited,
        rejected=one.rejected,
        output_tokens=round(one.output_tokens, 1) if known else None,
    )


def _counted(session: Session, split: PromptSplit) -> dict[int, _Counted]:
    def share(condition: ColumnElement[bool]) -> ColumnElement[float]:
        return func.avg(case((condition, 1.0), else_=0.0))

    rows = session.execute(
        select(
            Summary.split_arm,
            func.count(),
            cast(share(Summary.findings == 0), Float),
            cast(share(Summary.route == "prompt"), Float),
            *(
                func.count().filter(Summary.review_state == state)
                for state in ("accepted", "edited", "rejected")
            ),
            cast(func.avg(Summary.output_tokens), Float),
        )
        .where(Summary.split_id == split.id)
        .group_by(Summary.split_arm)
    )
    return {row[0]: _Counted(*row[1:]) for row in rows}
