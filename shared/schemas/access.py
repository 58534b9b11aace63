"""Tenants, keys and scopes."""

from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from shared.schemas.base import Answer, Body

Scope = Literal[
    "batches:write",
    "batches:read",
    "summaries:read",
    "reviews:write",
    "datasets:read",
    "datasets:write",
    "training:read",
    "training:write",
    "models:read",
    "models:promote",
    "prompts:write",
    "audit:read",
    "admin",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
CLIENT_SCOPES: tuple[Scope, ...] = ("batches:write", "batches:read", "summaries:read")
"""What a submitting system needs, and the default of a new key."""


class TenantRequest(Body):
    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")


class TenantAnswer(Answer):
    object: Literal["tenant"] = "tenant"
    id: str
    name: str
    created_at: datetime
    suspended_at: datetime | None


class KeyRequest(Body):
    """A new key; without `tenant` for the asker's own."""

    tenant: str | None = None
    scopes: list[Scope] = Field(default=list(CLIENT_SCOPES), min_length=1)
    expires_at: datetime | None = None


class KeyAnswer(Answer):
    object: Literal["key"] = "key"
    id: str
    tenant: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    key: str | None = None
    """The key itself, shown once, in the answer that made it."""
