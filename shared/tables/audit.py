"""Who did what, when, to which object: ids only, never text."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class AuditEvent(Table):
    """One access or change, written in its transaction; `mac` covers all other columns."""

    __tablename__ = "audit_events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor: Mapped[str]
    """`key_…`, `client_…` or the name of a process."""
    action: Mapped[str]
    """`summary.read`, `batch.create`, …"""
    objects: Mapped[list[str]] = mapped_column(ARRAY(String))
    """Public ids: `batch_…`, `doc_…`, `tenant_…`."""
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    """Counts and names of ours; never what a client sent."""
    mac: Mapped[bytes]

    # No index on `objects`: under row-level security the API's role could not use it, since `&&` is
    # not leakproof.
    __table_args__ = (Index("ix_audit_events_tenant", "tenant_id", "id"),)


class AuditLink(Table):
    """An event's place in its tenant's chain; each link's MAC covers the one before."""

    __tablename__ = "audit_links"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("audit_events.id"), unique=True)
    mac: Mapped[bytes]
    linked_at: Mapped[datetime] = mapped_column(server_default=func.now())
