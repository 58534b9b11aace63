"""Tenants, keys, clients and scopes.

The scope `admin` is the operator's: whoever holds it administers every tenant, not just the one
that the key belongs to. Keys with it are for those who run the installation.
"""

from datetime import datetime
from typing import Literal, get_args

from pydantic import Field, JsonValue

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
    shredded_at: datetime | None = None
    """When its data key was destroyed; nothing of it can be read since."""
    results_days: int | None = None
    """How long results are kept after a batch ends; None: as the installation says."""
    remote_prompts: bool = False
    """Whether its text may be sent to a prompt server of another operator."""


class KeyRequest(Body):
    """A new key; without `tenant` for the asker's own.

    `admin` is the operator's scope: a key with it administers every tenant, whosever it is.
    """

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


class KeyRotation(Body):
    """The same key anew. The old one expires after the overlap; 0: now."""

    overlap_seconds: int = Field(default=0, ge=0, le=7 * 24 * 3600)


class ShredRequest(Body):
    """Destroys what cannot be brought back, so the name is given twice."""

    confirm: str = Field(max_length=64)
    """The tenant's name."""


class VaultRotation(Answer):
    """What `POST /v1/vault/rotate` did."""

    object: Literal["vault_rotation"] = "vault_rotation"
    rewrapped: int
    """Tenants' keys that were wrapped under an older master key."""
    current_key: str
    """Id of the master key that wraps now."""
    keys_in_use: list[str]
    """Ids of the master keys that wrap something; the others may be removed."""
    unreadable: list[str]
    """Tenants of whom a key opens under none of the master keys."""


class Jwks(Body):
    """RFC 7517, by value: RSA from 2048 bits (RS384) or EC on P-384 (ES384), each with a `kid`."""

    keys: list[dict[str, JsonValue]] = Field(min_length=1, max_length=10)


class ClientRequest(Body):
    """A system that signs its requests for tokens; without `tenant` the asker's own.

    Keys are given by value: there is no `jwks_uri`, since nothing is ever fetched.
    """

    tenant: str | None = None
    name: str = Field(min_length=1, max_length=128)
    jwks: Jwks
    scopes: list[Scope] = Field(default=list(CLIENT_SCOPES), min_length=1)


class ClientAnswer(Answer):
    object: Literal["client"] = "client"
    id: str
    """What its assertions have as `iss` and `sub`."""
    tenant: str
    name: str
    jwks: Jwks
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None
