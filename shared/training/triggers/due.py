"""Which triggers are to be looked at now: of all tenants, since they hold no text."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.tables import Tenant, TrainingTrigger


class Due(NamedTuple):
    trigger: UUID
    tenant: UUID


def find_due(session: Session, now: datetime) -> list[Due]:
    """Scheduled ones whose slot has come, and those that count reviews or wait for a version.

    Needs the worker's role, without a tenant. Those of suspended tenants are left out.
    """
    has_come = (TrainingTrigger.next_at <= now) | (
        TrainingTrigger.next_at.is_(None) & TrainingTrigger.new_reviews.is_not(None)
    )
    rows = session.execute(
        select(TrainingTrigger.id, TrainingTrigger.tenant_id)
        .join(Tenant, Tenant.id == TrainingTrigger.tenant_id)
        .where(~TrainingTrigger.paused, has_come, Tenant.suspended_at.is_(None))
        .order_by(TrainingTrigger.id)
    )
    return [Due(*row) for row in rows]


def lock_due(session: Session, due: Due, now: datetime) -> TrainingTrigger | None:
    """The trigger, for this transaction alone; None where it is not due any more."""
    return session.scalar(
        select(TrainingTrigger)
        .where(TrainingTrigger.id == due.trigger, ~TrainingTrigger.paused)
        .where(TrainingTrigger.next_at.is_(None) | (TrainingTrigger.next_at <= now))
        .with_for_update(skip_locked=True)
    )
