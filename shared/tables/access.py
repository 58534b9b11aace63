"""Who may: tenants, their data keys, their API keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.tables.base import Table


class Tenant(Table):
    """A hospital, or whoever else must not see the others' documents."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    suspended_at: Mapped[datetime | None]
    shredded_at: Mapped[datetime | None]
    """When its data key was destroyed."""
    results_days: Mapped[int | None]
    """How long results are kept after a batch ends; None: as the installation says."""
    remote_prompts: Mapped[bool] = mapped_column(server_default="false")
    """Whether its text may be sent to a prompt server of another operator."""


class DataKey(Table):
    """The tenant's data key, wrapped by the master key. Without it the tenant's text is noise."""

    __tablename__ = "data_keys"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    wrapped: Mapped[bytes]
    wrapped_by: Mapped[str | None]
    """Id of the master key; None: of before there could be several."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditKey(Table):
    """The key of the tenant's audit MACs, wrapped likewise. It outlives the data key."""

    __tablename__ = "audit_keys"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    wrapped: Mapped[bytes]
    wrapped_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ApiKey(Table):
    """`epk_PREFIX_SECRET`: found by prefix, proven by an HMAC of the secret."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    secret_mac: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"))
    """Whose access token this is; None for a key that an administrator made."""


class Client(Table):
    """A system that proves itself with a signed assertion (SMART Backend Services)."""

    __tablename__ = "clients"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    name: Mapped[str]
    jwks: Mapped[dict[str, Any]]
    """Its public keys (RFC 7517), as registered; nothing is fetched."""
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]


class SeenAssertion(Table):
    """A `jti` that was used, until its assertion would have expired anyway."""

    __tablename__ = "seen_assertions"

    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True
    )
    jti_digest: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    expires_at: Mapped[datetime] = mapped_column(index=True)
