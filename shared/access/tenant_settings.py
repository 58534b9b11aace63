"""What an administrator sets of a tenant, and how the tenant is shown."""

from typing import Any

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.config import LedgerSettings
from shared.database import set_for_transaction
from shared.errors import Conflict
from shared.ids import public_id
from shared.schemas.access import TenantAnswer
from shared.tables import Batch, Tenant


def change_settings(session: Session, tenant: Tenant, changes: dict[str, Any]) -> Tenant:
    """Set members of `TenantSettings`; the others stay.

    `results_days` holds for batches that have ended already, too, unless they are past their
    retention now: what the API has called gone does not come back. The transaction is one of this
    tenant afterwards.
    """
    set_for_transaction(session, "tenant", str(tenant.id))
    for name, value in changes.items():
        setattr(tenant, name, value)
    session.flush()
    if "results_days" in changes:
        kept = tenant.results_days
        days = LedgerSettings().results_days if kept is None else kept
        session.execute(
            update(Batch)
            .where(Batch.tenant_id == tenant.id, Batch.results_expire_at > func.now())
            .values(results_expire_at=Batch.completed_at + func.make_interval(0, 0, 0, days))
        )
    return tenant


def resume_tenant(session: Session, tenant: Tenant) -> Tenant:
    """End its suspension: its keys open again and its documents go on. No error if it has none.

    Raises Conflict for a tenant that was shredded: nothing of it would open.
    """
    if tenant.shredded_at is not None:
        raise Conflict(
            "This tenant's data key was destroyed; nothing of it can be read any more.",
            code="tenant_shredded",
            how_to_fix="Make a new tenant with `epicrisis tenants create`.",
        )
    tenant.suspended_at = None
    session.flush()
    return tenant


def describe_tenant(row: Tenant) -> TenantAnswer:
    return TenantAnswer(
        id=public_id("tenant", row.id),
        name=row.name,
        created_at=row.created_at,
        suspended_at=row.suspended_at,
        shredded_at=row.shredded_at,
        results_days=row.results_days,
        remote_prompts=row.remote_prompts,
    )
